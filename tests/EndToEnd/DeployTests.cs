using System.Text;

namespace DataSsl.EndToEnd;

/// <summary>samples/Deploy, built as its user builds it: the same answers from each form of a network.</summary>
[Collection(nameof(DemoCollection))]
public sealed class DeployTests(DemoRun demo) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-deploy-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void EveryFormGivesTheSameAnswers()
    {
        foreach (var (name, red) in new[] { ("warm", 200), ("cold", 40) })
            for (var i = 0; i < 6; i++)
                WriteImage(Path.Combine(i < 5 ? Path.Combine("gallery", name) : "photos", $"{name}{i}.ppm"), red, seed: 10 * red + i);
        Build();
        var torch = Run("torch");
        Assert.Matches(
            @"\Acold5\.ppm: cold \([3-5] of 5\), nearest cold/cold\d\.ppm \([01]\.\d{3}\)\nwarm5\.ppm: warm \([3-5] of 5\), nearest warm/warm\d\.ppm \([01]\.\d{3}\)\n\z",
            torch);
        Assert.Equal(torch, Run("csharp"));
        Assert.Equal(torch, Run("onnx"));
        var damaged = EmitProgram.Sdk(folder.FullName, Path.Combine("out", "Deploy.dll"), "csharp", "nowhere", "gallery", "photos");
        Assert.Equal((2, 1), (damaged.ExitCode, damaged.Error.Count(c => c == '\n')));
    }

    private string Run(string form) =>
        EmitProgram.Sdk(folder.FullName, Path.Combine("out", "Deploy.dll"), form, "Models", "gallery", "photos").Succeeded().Output;

    /// <summary>Elsewhere, so that the checkout stays clean.</summary>
    private void Build()
    {
        EmitProgram.CopySample("Deploy", folder.FullName);
        var models = folder.CreateSubdirectory("Models").FullName;
        foreach (var file in Directory.GetFiles(demo.Models)) File.Copy(file, Path.Combine(models, Path.GetFileName(file)));
        EmitProgram.Sdk(folder.FullName, "build", "-c", "Release", "-o", "out", "--disable-build-servers", "-v", "quiet").Succeeded();
    }

    /// <summary>Noise of one hue, as binary PPM of an odd size.</summary>
    private void WriteImage(string name, int red, int seed)
    {
        var (random, pixels) = (new Random(seed), new byte[3 * 50 * 41]);
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(random.Next(50) + (i % 3) switch { 0 => red, 1 => 100, _ => 200 - red });
        var path = Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes("P6\n50 41\n255\n"), .. pixels]);
    }
}
