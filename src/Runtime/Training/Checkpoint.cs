using System.Globalization;
using System.Security.Cryptography;
using DataSsl.Runtime.Storage;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>A run's state on disk: both networks, momentum, queue, position and configuration. All randomness is a function of seed and step, so there is none to store.</summary>
public static class Checkpoint
{
    private const string Format = "datassl-checkpoint/1";

    /// <summary>Writes the state after <paramref name="step"/> steps.</summary>
    public static void Save(string path, MoCo model, TrainOptions options, long step) =>
        SafeTensors.Write(path, States(model).Append(("queue", model.Queue.Keys)), new Dictionary<string, string>
        {
            ["format"] = Format,
            ["space"] = options.Space,
            ["spaceHash"] = options.SpaceHash,
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
            ["queuePosition"] = model.Queue.Position.ToString(CultureInfo.InvariantCulture),
            ["options"] = options.ToJson(),
        });

    /// <summary>Reads what a checkpoint is of, without its tensors.</summary>
    public static (TrainOptions Options, long Step) Describe(string path)
    {
        var metadata = SafeTensors.ReadMetadata(path);
        if (metadata.GetValueOrDefault("format") != Format) throw new UserException($"{path}: not a checkpoint of this program");
        return (TrainOptions.FromJson(path, metadata["options"]), long.Parse(metadata["step"], CultureInfo.InvariantCulture));
    }

    /// <summary>Loads the state into a model of the same space and returns the steps done; a <see cref="UserException"/> where the checkpoint is of another space.</summary>
    public static long Load(string path, MoCo model)
    {
        var (options, step) = Describe(path);
        if (options.SpaceHash != model.Space.Hash)
            throw new UserException($"{path}: a checkpoint of space {options.Space} ({options.SpaceHash}), not of {model.Space.Name} ({model.Space.Hash})");
        var (tensors, metadata) = SafeTensors.Read(path);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var tensor in tensors.Values) scope.Attach(tensor);
        foreach (var (name, target) in States(model))
        {
            if (!tensors.TryGetValue(name, out var source) || !source.shape.AsSpan().SequenceEqual(target.shape))
                throw new UserException($"{path}: tensor '{name}' is missing or has another shape; the file is damaged");
            target.copy_(source);
        }
        if (!tensors.TryGetValue("queue", out var queue) || !queue.shape.AsSpan().SequenceEqual(model.Queue.Keys.shape))
            throw new UserException($"{path}: the queue is missing or has another length; the file is damaged");
        model.Queue.Restore(queue, long.Parse(metadata["queuePosition"], CultureInfo.InvariantCulture));
        model.StudentWeights.RefreshComputeValues();
        model.TeacherWeights.RefreshComputeValues();
        return step;
    }

    /// <summary>First 16 hex digits of the file's SHA-256: what artifacts made from it name as their origin.</summary>
    public static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file))[..16];
    }

    private static IEnumerable<(string Name, Tensor Tensor)> States(MoCo model)
    {
        foreach (var slot in model.StudentWeights.Slots) yield return ($"student.{slot.Key}", slot.Full());
        foreach (var slot in model.TeacherWeights.Slots) yield return ($"teacher.{slot.Key}", slot.Full());
        foreach (var slot in model.StudentWeights.Slots) yield return ($"momentum.{slot.Key}", slot.ViewOf(model.Optimizer.Momentum));
    }
}
