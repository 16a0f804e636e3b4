using System.IO.Compression;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace DataSsl.EndToEnd;

/// <summary>What is packed, and a program over the smallest of it; the tool and the templates have tests of their own.</summary>
public sealed class PackageTests : IClassFixture<PackedFeed>, IDisposable
{
    private const string Native = "libLibTorchSharp.so";

    private readonly string folder = Directory.CreateTempSubdirectory("datassl-packages").FullName;

    /// <summary>
    /// Each is of the one version and has a page, a picture and a licence; each of our libraries has its symbols beside it, and a package
    /// is no larger than registries take.
    /// </summary>
    [Fact]
    public void Every_package_is_whole()
    {
        var packages = Directory.GetFiles(PackedFeed.Folder, "*.nupkg");
        Assert.Equal(12, packages.Length);
        foreach (var package in packages)
        {
            using var zip = ZipFile.OpenRead(package);
            var about = Description(zip);
            Assert.Equal($"{about("id")}.{EmitProgram.HouseVersion}.nupkg", Path.GetFileName(package));
            Assert.Equal(("MIT", "README.md", "icon.png"), (about("license"), about("readme"), about("icon")));
            Assert.DoesNotContain("Package Description", about("description"));
            Assert.Contains("datassl demo", Text(zip, "README.md"));
            Assert.InRange(zip.GetEntry("icon.png")!.Length, 1, 10_000);
            Assert.InRange(new FileInfo(package).Length, 1, 250_000_000);

            var libraries = Names(zip, "DataSsl.*.dll").Concat(Names(zip, "datassl*.dll")).ToHashSet();
            Assert.Equal(about("id") is "DataSsl.Tool" or "DataSsl.Templates", libraries.Count == 0);
            if (libraries.Count == 0) continue;
            using var symbols = ZipFile.OpenRead(Path.ChangeExtension(package, ".snupkg"));
            Assert.Subset(libraries, Names(symbols, "*.pdb").Select(name => Path.ChangeExtension(name, ".dll")).ToHashSet());
            Assert.NotEmpty(Names(symbols, "*.pdb"));
        }
    }

    /// <summary>What the build mends for systems of GCC 12 and for those without windows is what the tool carries.</summary>
    [SkippableFact]
    public void The_tool_carries_mended_libraries()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux's libraries need it");
        using var zip = PackedFeed.Open($"DataSsl.Tool.linux-x64.{EmitProgram.HouseVersion}.nupkg");
        foreach (var name in new[] { "TorchSharp.dll", Native, "libOpenCvSharpExtern.so" })
        {
            using var carried = zip.Entries.Single(entry => entry.Name == name).Open();
            using var built = File.OpenRead(
                Directory.GetFiles(AppContext.BaseDirectory, name, SearchOption.AllDirectories)
                    .Single(file => Path.GetExtension(file) == ".dll" || file.Contains("linux", StringComparison.Ordinal)));
            Assert.Equal(SHA256.HashData(built), SHA256.HashData(carried));
        }
    }

    /// <summary>The bill of materials names what the lock file does, version by version, each with a hash.</summary>
    [Fact]
    public void The_bill_of_materials_names_every_package()
    {
        var named = JsonNode.Parse(File.ReadAllText(Path.Combine(PackedFeed.Folder, "datassl.cdx.json")))!["components"]!.AsArray();
        var locks = File.ReadAllText(Path.Combine(EmitProgram.Root, "src", "Cli", "packages.lock.json"));
        var locked = JsonNode.Parse(locks)!["dependencies"]!.AsObject()
            .SelectMany(framework => framework.Value!.AsObject()).Where(entry => (string)entry.Value!["type"]! != "Project");
        Assert.Equal(
            locked.Select(entry => $"{entry.Key} {entry.Value!["resolved"]}").Order(StringComparer.OrdinalIgnoreCase),
            named.Select(c => $"{c!["name"]} {c["version"]}").Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        Assert.All(named, c => Assert.Equal(128, ((string)c!["hashes"]![0]!["content"]!).Length));
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
        var project = Directory.CreateDirectory(Path.Combine(folder, "tensors")).FullName;
        PackedFeed.Serve(project);
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
                <PackageReference Include="DataSsl.Torch" Version="{EmitProgram.HouseVersion}" />
                <PackageReference Include="libtorch-cpu-linux-x64" Version="{EmitProgram.Version("libtorch-cpu-linux-x64")}" />
              </ItemGroup>
            </Project>
            """);
        var restored = Directory.GetFiles(Path.Combine(PackedFeed.SharedPackages, "torchsharp"), Native, SearchOption.AllDirectories)
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

    private static Func<string, string> Description(ZipArchive package)
    {
        using var file = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        var about = XDocument.Load(file).Root!.Elements().Single();
        return name => about.Elements().Single(element => element.Name.LocalName == name).Value;
    }

    private static string Text(ZipArchive package, string file)
    {
        using var reader = new StreamReader(package.GetEntry(file)!.Open());
        return reader.ReadToEnd();
    }

    private static IEnumerable<string> Names(ZipArchive package, string pattern) =>
        package.Entries.Select(entry => entry.Name).Where(name => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    /// <summary>Our packages go to a folder of this test, so that none of an earlier one is taken.</summary>
    private string Dotnet(string directory, params string[] arguments) =>
        EmitProgram.Sdk(directory, new Dictionary<string, string> { ["NUGET_PACKAGES"] = Path.Combine(folder, "packages") }, arguments)
            .Succeeded().Output;
}
