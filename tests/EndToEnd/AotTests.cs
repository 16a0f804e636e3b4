using System.Text;
using System.Text.RegularExpressions;

namespace DataSsl.EndToEnd;

/// <summary>
/// samples/AotDeploy as one native file. Publishing takes half a minute: it is the only proof that an emitted class survives trimming.
/// </summary>
[Collection(nameof(DemoCollection))]
public sealed class AotTests(DemoRun demo) : IDisposable
{
    private const long MostBytes = 20_000_000;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-aot-");

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>There is no libtorch for it, and a pure class does not ask for one: the program is its own three files.</summary>
    [Fact]
    public void AnEmittedClassIsPublishedForASystemWithoutLibtorch()
    {
        CopySources();
        EmitProgram.Sdk(
            folder.FullName, "publish", "-c", "Release", "-r", "linux-arm64", "--self-contained", "false", "-p:PublishAot=false",
            "-p:UseAppHost=false", "-p:DebugType=none", "-o", "out", "--disable-build-servers").Succeeded();
        Assert.Equal(
            ["look-alikes.deps.json", "look-alikes.dll", "look-alikes.runtimeconfig.json"],
            Directory.GetFiles(Path.Combine(folder.FullName, "out")).Select(file => Path.GetFileName(file)).Order());
    }

    [SkippableFact]
    public void AnEmittedClassBecomesOneNativeFileThatNeedsNothing()
    {
        CopySources();
        // Warnings, of trimming too, are errors in the project.
        var publish = EmitProgram.Sdk(
            folder.FullName, "publish", "-c", "Release", "-r", "linux-x64", "-p:Framework=net9.0", "-p:CppCompilerAndLinker=gcc", "-o",
            "out", "--disable-build-servers");
        Skip.If(publish.Output.Contains("NU1101", StringComparison.Ordinal), "the registry does not serve the native compiler");
        publish.Succeeded();
        var program = Path.Combine(folder.FullName, "out", "look-alikes");
        Assert.InRange(new FileInfo(program).Length, 100_000, MostBytes);
        var libraries = EmitProgram.Run("ldd", program).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Path.GetFileName(line.Trim().Split(' ')[0]));
        Assert.Subset(new HashSet<string> { "linux-vdso.so.1", "ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6" }, libraries.ToHashSet());

        var image = Path.Combine(folder.CreateSubdirectory("gallery").FullName, "one.ppm");
        File.WriteAllBytes(
            image, [.. Encoding.ASCII.GetBytes("P6\n40 30\n255\n"), .. Enumerable.Range(0, 3600).Select(i => (byte)(i * 7))]);
        var weights = Path.Combine(demo.Models, "Backbone.safetensors");
        Assert.EndsWith(
            $"{image}: {image} (1.000)\n",
            EmitProgram.Run("env", "-i", program, weights, Path.GetDirectoryName(image)!, image).Succeeded().Output);

        var damaged = Path.Combine(folder.FullName, "damaged.safetensors");
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(damaged, bytes);
        var refused = EmitProgram.Run("env", "-i", program, damaged, Path.GetDirectoryName(image)!, image);
        Assert.Equal(2, refused.ExitCode);
        Assert.Matches($@"\A{Regex.Escape(damaged)}: its content does not have its checksum[^\n]*\n\z", refused.Error);
    }

    private void CopySources()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(EmitProgram.Root, "samples", "AotDeploy")))
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        File.Copy(Path.Combine(demo.Models, "BackbonePure.cs"), Path.Combine(folder.FullName, "BackbonePure.cs"));
    }
}
