using System.IO.Compression;

namespace DataSsl.EndToEnd;

/// <summary>
/// The packages of the built checkout, as <c>eng/pack.sh</c> leaves them: packed once for all tests that hold them at one time, and gone
/// when the last lets go.
/// </summary>
public sealed class PackedFeed : IDisposable
{
    private static readonly Lock door = new();
    private static int holders;
    private static string? folder;

    public PackedFeed()
    {
        lock (door)
        {
            holders++;
            if (folder is not null) return;
            var packed = Directory.CreateTempSubdirectory("datassl-feed-").FullName;
            EmitProgram.Run(Path.Combine(EmitProgram.Root, "eng", "pack.sh"), packed, "--no-build").Succeeded();
            folder = packed;
        }
    }

    /// <summary>The folder that they lie in.</summary>
    public static string Folder => folder ?? throw new InvalidOperationException("nobody holds the packages");

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

    public void Dispose()
    {
        lock (door)
        {
            if (--holders > 0) return;
            Directory.Delete(Folder, recursive: true);
            folder = null;
        }
    }
}
