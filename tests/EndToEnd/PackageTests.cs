using System.Text.Json.Nodes;

namespace DataSsl.EndToEnd;

/// <summary>
/// The packages, as somebody who has nothing else uses them: samples/OwnSpace outside the tree, restored from a folder of packages.
/// </summary>
public sealed class PackageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("datassl-packages").FullName;

    [Fact]
    public void A_fresh_project_restores_builds_and_runs()
    {
        var (root, project, feed) = (EmitProgram.Root, Path.Combine(folder, "project"), Path.Combine(folder, "feed"));
        EmitProgram.Run(Path.Combine(root, "eng", "pack.sh"), feed, "--no-build").Succeeded();
        NamesEveryPackage(Path.Combine(feed, "datassl.cdx.json"), Path.Combine(root, "src", "Cli", "packages.lock.json"));
        Directory.CreateDirectory(project);
        foreach (var file in Directory.GetFiles(Path.Combine(root, "samples", "OwnSpace")))
            File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        File.WriteAllText(
            Path.Combine(project, "nuget.config"),
            $"""<configuration><packageSources><add key="datassl" value="{feed}" /></packageSources></configuration>""");
        Dotnet(project, "build", "-c", "Release", "--disable-build-servers");
        Assert.Equal(
            """
            112 architectures, from 1,417,216 to 7,716,864 MACs
            Half (stem=8 stage1=8x1 stage2=16x1) embeds an image in 64 numbers

            """, Dotnet(project, "run", "-c", "Release", "--no-build"));
        Assert.Contains(
            "constraint stage1.width <= stage2.width",
            Dotnet(project, "run", "-c", "Release", "--no-build", "--", "space", "show", "Pocket"));
    }

    /// <summary>
    /// DataSsl.Torch alone, for a program of nothing but a tensor: TorchSharp's native library asks for a newer C++ library than that of
    /// Debian 12 or Ubuntu 22.04, and the package's build step lets it load there. The restored package, to which the program's file may be
    /// a link, is left as it was; a second build finds nothing to do.
    /// </summary>
    [SkippableFact]
    public void A_program_over_the_tensor_package_builds_runs_and_publishes()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux's libraries need the step");
        var (root, project, feed) = (EmitProgram.Root, Path.Combine(folder, "tensors"), Path.Combine(folder, "feed"));
        Dotnet(root, "pack", "src/Torch", "-c", "Release", "--no-build", "-o", feed);
        Directory.CreateDirectory(project);
        File.WriteAllText(
            Path.Combine(project, "nuget.config"),
            $"""<configuration><packageSources><add key="datassl" value="{feed}" /></packageSources></configuration>""");
        File.WriteAllText(
            Path.Combine(project, "Program.cs"), "System.Console.WriteLine(TorchSharp.torch.ones(2, 3).sum().item<float>());");
        File.WriteAllText(Path.Combine(project, "tensors.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="DataSsl.Torch" Version="0.1.0" />
                <PackageReference Include="libtorch-cpu-linux-x64" Version="{EmitProgram.Version("libtorch-cpu-linux-x64")}" />
              </ItemGroup>
            </Project>
            """);
        var restored = Directory.GetFiles(Path.Combine(SharedPackages, "torchsharp"), Native, SearchOption.AllDirectories)
            .ToDictionary(file => file, File.ReadAllBytes);
        Assert.NotEmpty(restored);

        Dotnet(project, "build", "-c", "Release", "--disable-build-servers");
        Assert.Equal("6\n", Dotnet(project, "run", "-c", "Release", "--no-build").ReplaceLineEndings("\n"));
        Assert.All(restored, package => Assert.Equal(package.Value, File.ReadAllBytes(package.Key)));

        var output = Directory.GetFiles(Path.Combine(project, "bin"), Native, SearchOption.AllDirectories)
            .Single(file => file.Contains("linux", StringComparison.Ordinal));
        var before = (Date: File.GetLastWriteTimeUtc(output), Bytes: File.ReadAllBytes(output));
        Dotnet(project, "build", "-c", "Release", "--disable-build-servers");
        Assert.Equal(before.Date, File.GetLastWriteTimeUtc(output));

        Dotnet(project, "publish", "-c", "Release", "--disable-build-servers", "-o", Path.Combine(folder, "published"));
        Assert.Equal(
            before.Bytes,
            File.ReadAllBytes(Directory.GetFiles(Path.Combine(folder, "published"), Native, SearchOption.AllDirectories).Single()));
        Assert.Equal("6\n", Dotnet(project, Path.Combine(folder, "published", "tensors.dll")).ReplaceLineEndings("\n"));
        Assert.All(restored, package => Assert.Equal(package.Value, File.ReadAllBytes(package.Key)));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private const string Native = "libLibTorchSharp.so";

    private static string SharedPackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>
    /// Our packages go to a folder of this test, so that none of an earlier one is taken; everyone else's are taken from where they already
    /// are.
    /// </summary>
    /// <summary>What the bill of materials names is what the lock file does, version by version, each with a hash.</summary>
    private static void NamesEveryPackage(string bill, string locks)
    {
        var named = JsonNode.Parse(File.ReadAllText(bill))!["components"]!.AsArray();
        var locked = JsonNode.Parse(File.ReadAllText(locks))!["dependencies"]!.AsObject()
            .SelectMany(framework => framework.Value!.AsObject()).Where(entry => (string)entry.Value!["type"]! != "Project");
        Assert.Equal(
            locked.Select(entry => $"{entry.Key} {entry.Value!["resolved"]}").Order(StringComparer.OrdinalIgnoreCase),
            named.Select(c => $"{c!["name"]} {c["version"]}").Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        Assert.All(named, c => Assert.Equal(128, ((string)c!["hashes"]![0]!["content"]!).Length));
    }

    private string Dotnet(string directory, params string[] arguments)
    {
        var environment = new Dictionary<string, string>();
        if (directory != EmitProgram.Root)
        {
            environment.Add("NUGET_PACKAGES", Path.Combine(folder, "packages"));
            environment.Add("RestoreFallbackFolders", SharedPackages);
        }
        return EmitProgram.Sdk(directory, environment, arguments).Succeeded().Output;
    }
}
