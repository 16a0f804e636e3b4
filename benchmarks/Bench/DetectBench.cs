using System.Globalization;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Bench;

/// <summary>Times training steps of Faster R-CNN with a feature pyramid, ours and torchvision's.</summary>
/// <param name="Architecture">ResNet50 of torchvision's widths.</param>
/// <param name="Steps">Counted steps of each contestant; one more warms up.</param>
internal sealed record DetectBench(Architecture Architecture, int Size, int Batch, int Threads, int Steps, Field Field)
{
    public const string Torchvision = "torchvision";

    /// <summary>Different ones in turn, so that none is learnt by heart.</summary>
    private const int Batches = 4;

    public static IReadOnlyList<string> Peers { get; } = [Torchvision];

    public Standings Run()
    {
        var scene = Path.GetTempFileName();
        try
        {
            new DetectScene(Architecture, Size).Write(scene, Batches * Batch);
            var entries = Field.Of(
                ["bench", "detect-worker", scene, "--size", $"{Size}", "--batch", $"{Batch}", "--threads", $"{Threads}"],
                [
                    new(
                        Torchvision, PeerPrograms.Python,
                        [PeerPrograms.Script("detect_step.py"), $"{Threads}", $"{Batch}", $"{Size}", scene]),
                ]);
            var of = Contest.Run(entries, Threads, Steps, "step", (_, step) => step.ToString(CultureInfo.InvariantCulture));
            return new(
                [("network", "Faster R-CNN FPN on ResNet50"), ("size", Size), ("batch", Batch), ("threads", Threads), ("steps", Steps)], of,
                Peers);
        }
        finally
        {
            File.Delete(scene);
        }
    }
}
