using System.Diagnostics;
using System.Text.Json.Nodes;

namespace DataSsl.EndToEnd;

/// <summary>The data benchmark with its real contestants, at a small size.</summary>
public class BenchDataTests
{
    private const string Python = "/usr/bin/python3";

    [SkippableFact]
    public void Bench_data_times_all_contestants_on_the_same_files()
    {
        Skip.IfNot(File.Exists(Python) && Start(Python, "-c", "import PIL, torchvision").ExitCode == 0, "python3-torchvision (with Pillow) is not installed");
        using var folder = new TrainFolder();
        var (exitCode, output) = Start(
            Path.Combine(AppContext.BaseDirectory, "datassl"),
            "bench", "data", "--data", folder.Images, "--size", "24", "--batch", "6", "--rounds", "2", "--threads", "2", "--json");
        Assert.Equal(0, exitCode);
        var ratios = JsonNode.Parse(output)!["ratios"]!;
        Assert.InRange(ratios["pil"]!.GetValue<double>(), 0.01, 1000);
        Assert.InRange(ratios["tensor"]!.GetValue<double>(), 0.01, 1000);
    }

    private static (int ExitCode, string Output) Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
