namespace DataSsl.EndToEnd;

/// <summary>The packages, as somebody who has nothing else uses them: samples/OwnSpace outside the tree, restored from a folder of packages.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly string[] Projects = ["Generator", "Torch", "Runtime", "Search", "Cli"];

    private readonly string folder = Directory.CreateTempSubdirectory("datassl-packages").FullName;

    [Fact]
    public void A_fresh_project_restores_builds_and_runs()
    {
        var (root, project, feed) = (EmitProgram.Root, Path.Combine(folder, "project"), Path.Combine(folder, "feed"));
        foreach (var name in Projects) Dotnet(root, "pack", $"src/{name}", "-c", "Release", "--no-build", "-o", feed);
        Directory.CreateDirectory(project);
        foreach (var file in Directory.GetFiles(Path.Combine(root, "samples", "OwnSpace"))) File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""<configuration><packageSources><add key="datassl" value="{feed}" /></packageSources></configuration>""");
        Dotnet(project, "build", "-c", "Release", "--disable-build-servers");
        Assert.Equal(
            """
            112 architectures, from 1,417,216 to 7,716,864 MACs
            Half (stem=8 stage1=8x1 stage2=16x1) embeds an image in 64 numbers

            """, Dotnet(project, "run", "-c", "Release", "--no-build"));
        Assert.Contains("constraint stage1.width <= stage2.width", Dotnet(project, "run", "-c", "Release", "--no-build", "--", "space", "show", "Pocket"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Our packages go to a folder of this test, so that none of an earlier one is taken; everyone else's are taken from where they already are.</summary>
    private string Dotnet(string directory, params string[] arguments)
    {
        var environment = new Dictionary<string, string>();
        if (directory != EmitProgram.Root)
        {
            var shared = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            environment.Add("NUGET_PACKAGES", Path.Combine(folder, "packages"));
            environment.Add("RestoreFallbackFolders", shared);
        }
        return EmitProgram.Sdk(directory, environment, arguments).Succeeded().Output;
    }
}
