using System.Text.Json.Nodes;
using DataSsl.Runtime.Observing;

namespace DataSsl.EndToEnd;

/// <summary>A run of thousands of steps needs no more memory at its end than near its beginning.</summary>
public sealed class TrainMemoryTests
{
    [SkippableFact]
    public void Resident_memory_is_flat_over_two_thousand_steps()
    {
        using var folder = new TrainFolder();
        // A space of small networks, so that so many steps do not take long; the subnets join before the first measurement: with them a
        // step takes more.
        var train = folder.Train("run");
        train[Array.IndexOf(train, "--space") + 1] = "Tiny";
        using var process = new TrainProcess(
            [
                .. train, "--space-file", Path.Combine(AppContext.BaseDirectory, "tiny.space.yaml"), "--epochs", "625", "--max-first",
                "0.1", "--report-every", "0.2", "--save-every", "5",
            ]);
        var (exitCode, error) = process.Wait();
        Assert.True(exitCode == 0, error);
        var lines = File.ReadAllLines(Path.Combine(folder["run"], MetricsLog.FileName)).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(2500, (int)lines[^1]["step"]!);
        var (early, late) = (Resident(350, 650), Resident(2200, 2500));
        Assert.True(late < 1.02 * early, $"{early / 1048576:0.0} MiB around step 500, {late / 1048576:0.0} MiB around step 2,350");

        double Resident(int from, int to)
        {
            var sizes = lines.Where(l => (int)l["step"]! >= from && (int)l["step"]! <= to).Select(l => (double)l["residentBytes"]!).Order()
                .ToList();
            Assert.NotEmpty(sizes);
            return sizes[sizes.Count / 2];
        }
    }
}
