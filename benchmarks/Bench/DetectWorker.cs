using DataSsl.Cli.Shared;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary>Our side of the detection benchmark: a line is one step of the training that <c>evaluate detect</c> runs.</summary>
internal static class DetectWorker
{
    /// <summary>As the peers have it, more steps than any run makes.</summary>
    private static DenseTrainOptions Options(int batch) => new() { Steps = 1_000_000, Batch = batch, Rate = 1e-3 };

    public static int Run(Architecture architecture, int size, int batch, string scene)
    {
        ProcessMemory.KeepFreed();
        using var network = new DetectScene(architecture, size).Network();
        using var training = new DenseTraining(network, DetectScene.Read(scene, network), Options(batch), seed: 0, CPU);
        return WorkLoop.Run(_ => () => training.MakeStep());
    }
}
