using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary>Our side of the step benchmark.</summary>
internal static class StepWorker
{
    /// <summary>A line names architectures; the work is one step on them.</summary>
    public static int Run(SearchSpace space, int batch, int size, ComputeType compute, Device device, int queue, int normGroups)
    {
        ProcessMemory.KeepFreed();
        var options = new MoCoOptions(Hidden: Math.Min(2048, space.Max.EmbeddingChannels), QueueLength: queue);
        var method = new Method(
            options, new(OptimizerKind.Sgd, WeightDecay: 1e-4, DecayVectors: true), options.Plan(size), NormGroups: normGroups);
        using var model = new Pretraining(space, method, device, compute.Scalar(), seed: 0);
        using var views = ViewBatch.Of(method.Views, View(1), View(2));
        return WorkLoop.Run(line =>
        {
            var architectures = line.Split(' ').Select(index => space.Parse("#" + index)).ToList();
            return () =>
            {
                model.Step(views, architectures, new(0, 1, 1), rate: 0.03).Dispose();
                if (device.type == DeviceType.CUDA) cuda.synchronize(device);
            };
        });

        Tensor View(ulong seed)
        {
            using var generator = new torch.Generator(seed);
            using var images = randn([batch, space.InputChannels, size, size], generator: generator);
            using var placed = images.to(device);
            return MemoryFormat.ChannelsLast(placed);
        }
    }
}
