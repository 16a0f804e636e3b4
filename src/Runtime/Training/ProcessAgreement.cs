using System.Security.Cryptography;
using System.Text;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
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
        var hashes = processes.AllGather(tensor(new[] { hash })).data<long>().ToArray();
        var other = Array.FindIndex(hashes, h => h != hashes[0]);
        if (other > 0)
            throw new UserException(
                $"process {other} was given other settings or other images than process 0: start all with the same command line on the same images");
    }

    /// <summary>Gives every process the first one's state, and returns its step: only that one need read the checkpoint.</summary>
    public static long Share(Pretraining model, long step, ProcessGroup processes)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        long[] own = [step, .. model.Queues.Select(entry => entry.Queue.Position)];
        var places = tensor(own);
        foreach (var state in model.Buffers.Append(places)) processes.Broadcast(state);
        var shared = places.data<long>().ToArray();
        for (var i = 0; i < model.Queues.Count; i++) model.Queues[i].Queue.Position = shared[i + 1];
        return shared[0];
    }
}
