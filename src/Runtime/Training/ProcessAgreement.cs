using System.Security.Cryptography;
using System.Text;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>What the processes of a run must have in common, and how they come to it.</summary>
internal static class ProcessAgreement
{
    /// <summary>Refuses processes with other settings or other images than the first one's; the images may lie elsewhere.</summary>
    public static void Check(TrainOptions options, ProcessGroup processes)
    {
        using var scope = NewDisposeScope();
        var text = (options with { Data = "" }).ToJson();
        var hash = BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var hashes = processes.AllGather(tensor(new[] { hash }, device: processes.Device)).cpu().data<long>().ToArray();
        var other = Array.FindIndex(hashes, h => h != hashes[0]);
        if (other > 0) throw new UserException($"process {other} was given other settings or other images than process 0: start all with the same command line on the same images");
    }

    /// <summary>Gives every process the first one's state, and returns its step: only that one need read the checkpoint.</summary>
    public static long Share(MoCo model, long step, ProcessGroup processes)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var networks = model.Networks;
        var places = tensor(new[] { step, model.Queue.Position }, device: processes.Device);
        foreach (var state in new[] { networks.StudentWeights.Values, networks.TeacherWeights.Values, model.Optimizer.Momentum, model.Queue.Keys, places }) processes.Broadcast(state);
        networks.StudentWeights.Changed();
        networks.TeacherWeights.Changed();
        var shared = places.cpu().data<long>().ToArray();
        model.Queue.Position = shared[1];
        return shared[0];
    }

    /// <summary>Whether any process says yes.</summary>
    public static bool Any(bool mine, ProcessGroup processes)
    {
        using var votes = tensor(new[] { mine ? 1 : 0 }, device: processes.Device);
        processes.AllReduce(votes);
        return votes.item<int>() > 0;
    }
}
