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

    /// <summary>Loads the whole state into a model of the same space and returns the steps done.</summary>
    /// <exception cref="UserException">The checkpoint is of another space, or damaged.</exception>
    public static long Load(string path, MoCo model)
    {
        var (step, metadata) = Load(path, model.Networks.Space, States(model).Append(("queue", model.Queue.Keys)));
        model.Queue.Position = long.Parse(metadata["queuePosition"], CultureInfo.InvariantCulture);
        Refresh(model.Networks);
        return step;
    }

    /// <summary>Loads both networks only, in 32 bits, for search and evaluation; the caller disposes them.</summary>
    /// <exception cref="UserException">The checkpoint is of another space, or damaged.</exception>
    public static NetworkPair LoadNetworks(string path, SearchSpace space, Device device)
    {
        var (options, _) = Describe(path);
        var networks = new NetworkPair(space, options.MoCo.Hidden, options.MoCo.Dimension, device, ScalarType.Float32, trainable: false);
        Load(path, space, Weights(networks));
        return networks;
    }

    private static (long Step, IReadOnlyDictionary<string, string> Metadata) Load(string path, SearchSpace space, IEnumerable<(string Name, Tensor Target)> targets)
    {
        var (options, step) = Describe(path);
        if (options.SpaceHash != space.Hash)
            throw new UserException($"{path}: a checkpoint of space {options.Space} ({options.SpaceHash}), not of {space.Name} ({space.Hash}); give the space it was trained on");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (tensors, metadata) = SafeTensors.Read(path);
        foreach (var tensor in tensors.Values) scope.Attach(tensor);
        foreach (var (name, target) in targets)
        {
            if (!tensors.TryGetValue(name, out var source) || !source.shape.AsSpan().SequenceEqual(target.shape))
                throw new UserException($"{path}: tensor '{name}' is missing or has another shape; the file is damaged");
            target.copy_(source);
        }
        return (step, metadata);
    }

    private static void Refresh(NetworkPair networks)
    {
        networks.StudentWeights.RefreshComputeValues();
        networks.TeacherWeights.RefreshComputeValues();
    }

    /// <summary>First 16 hex digits of the file's SHA-256: what artifacts made from it name as their origin.</summary>
    public static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file))[..16];
    }

    private static IEnumerable<(string Name, Tensor Tensor)> States(MoCo model) => Weights(model.Networks).Concat(
        model.Networks.StudentWeights.Slots.Select(slot => ($"momentum.{slot.Key}", slot.ViewOf(model.Optimizer.Momentum))));

    private static IEnumerable<(string Name, Tensor Tensor)> Weights(NetworkPair networks) =>
        networks.StudentWeights.Slots.Select(slot => ($"student.{slot.Key}", slot.Full()))
            .Concat(networks.TeacherWeights.Slots.Select(slot => ($"teacher.{slot.Key}", slot.Full())));
}
