using System.IO.Compression;

namespace DataSsl.EndToEnd;

/// <summary>
/// The packages of the built checkout, as <c>eng/pack.sh</c> leaves them: packed once for all tests that start from them.
/// </summary>
internal static class PackedFeed
{
    private static readonly Lazy<string> packed = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("datassl-feed-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        EmitProgram.Run(Path.Combine(EmitProgram.Root, "eng", "pack.sh"), folder, "--no-build").Succeeded();
        return folder;
    });

    /// <summary>The folder that they lie in.</summary>
    public static string Folder => packed.Value;

    public static ZipArchive Open(string file) => ZipFile.OpenRead(Path.Combine(Folder, file));

    /// <summary>
    /// Has whatever is restored below a folder come from the packages alone, and those of others from where the tests' own build has them,
    /// so that nothing is fetched.
    /// </summary>
    public static void Serve(string folder) => File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
        <configuration>
          <packageSources><clear /><add key="datassl" value="{Folder}" /></packageSources>
          <fallbackPackageFolders><clear /><add key="here" value="{SharedPackages}" /></fallbackPackageFolders>
        </configuration>
        """);

    /// <summary>Where the packages of others are, restored.</summary>
    public static string SharedPackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
