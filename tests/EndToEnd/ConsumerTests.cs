namespace DataSsl.EndToEnd;

/// <summary>An emitted class in a project of its user's, far from this repository.</summary>
[Collection(nameof(DemoCollection))]
public sealed class ConsumerTests(DemoRun demo) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-consumer-");

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>The only dependency is TorchSharp; warnings are errors.</summary>
    [Fact]
    public void TheClassCompilesAloneAndRuns()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <AnalysisLevel>latest-recommended</AnalysisLevel>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="TorchSharp" Version="{EmitProgram.Version("TorchSharp")}" />
                <PackageReference Include="libtorch-cpu-linux-x64" Version="{EmitProgram.Version("libtorch-cpu-linux-x64")}" />
              </ItemGroup>
              <Import Project="{Path.Combine(EmitProgram.Root, "src", "Torch", "buildTransitive", "DataSsl.Torch.targets")}" />
            </Project>
            """);
        File.Copy(Path.Combine(demo.Models, "Backbone.cs"), Path.Combine(folder.FullName, "Backbone.cs"));
        File.WriteAllText(Path.Combine(folder.FullName, "Program.cs"), """
            using static TorchSharp.torch;

            using var grad = no_grad();
            using var net = new DataSsl.Models.Backbone().load_safetensors(args[0]);
            net.eval();
            using var images = rand(2, 3, 64, 64);
            using var embedding = net.call(images);
            System.Console.WriteLine(string.Join('x', embedding.shape));
            """);
        EmitProgram.Sdk(folder.FullName, "build", "-c", "Release", "-o", "out", "--disable-build-servers", "-v", "quiet").Succeeded();
        Assert.DoesNotContain(
            Directory.GetFiles(Path.Combine(folder.FullName, "out"), "*.dll"),
            file => Path.GetFileName(file).StartsWith("DataSsl", StringComparison.Ordinal));
        Assert.Equal(
            "2x256\n",
            EmitProgram.Sdk(folder.FullName, Path.Combine("out", "Consumer.dll"), Path.Combine(demo.Models, "Backbone.safetensors"))
                .Succeeded().Output);
    }

    /// <summary>The sample of the repository, built elsewhere so that the checkout stays clean.</summary>
    [Fact]
    public void TheSampleBuildsAndRuns()
    {
        EmitProgram.CopySample("UseWinner", folder.FullName);
        var models = folder.CreateSubdirectory("Models").FullName;
        foreach (var file in Directory.GetFiles(demo.Models, "Backbone.*")) File.Copy(file, Path.Combine(models, Path.GetFileName(file)));
        EmitProgram.Sdk(folder.FullName, "build", "-c", "Release", "-o", "out", "--disable-build-servers", "-v", "quiet").Succeeded();
        var output = EmitProgram.Sdk(folder.FullName, Path.Combine("out", "UseWinner.dll")).Succeeded().Output;
        Assert.Contains("C5 [2, 256, 2, 2]", output);
        Assert.Contains("embedding [2, 256]", output);
        Assert.Contains("picture [256]", output);
    }
}
