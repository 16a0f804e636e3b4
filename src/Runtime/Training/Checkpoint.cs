using System.Globalization;
using System.Security.Cryptography;
using DataSsl.Runtime.Storage;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>A run's state on disk: both networks, momentum, queue, position and configuration. All randomness is a function of seed and step, so there is none to store.</summary>
public static class Checkpoint
{
    private const string Format = "datassl-checkpoint/1";

    /// <summary>Writes the state after <paramref name="step"/> steps.</summary>
    /// <param name="path">The target.</param>
    /// <param name="model">All that a step changes.</param>
    /// <param name="options">The run's configuration.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="keep">Where the checkpoint that is there already goes, instead of being replaced.</param>
    /// <param name="score">By which it is the best of its run.</param>
    public static void Save(string path, MoCo model, TrainOptions options, long step, string? keep = null, double? score = null)
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["space"] = options.Space,
            ["spaceHash"] = options.SpaceHash,
            ["weightsHash"] = model.Networks.Space.WeightsHash,
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
            ["queuePosition"] = model.Queue.Position.ToString(CultureInfo.InvariantCulture),
            ["options"] = options.ToJson(),
            ["machine"] = Machine(model),
        };
        if (score is { } known) metadata.Add("score", known.ToString("R", CultureInfo.InvariantCulture));
        SafeTensors.Write(path, States(model).Append(("queue", model.Queue.Keys)), metadata, keep);
    }

    /// <summary>What rounds sums in its own order: device, threads, processes and libtorch. The same run on another one may differ in the last digits.</summary>
    public static string Machine(MoCo model) => Machine(model.Networks.StudentWeights.Device, model.Deal.Processes is { } group ? $", {group.Size} processes" : "");

    /// <summary>The same of work in one process.</summary>
    public static string Machine(Device device, string processes = "") => $"{device}, {get_num_threads()} threads{processes}, libtorch {LibtorchInfo.Version}";

    /// <summary>The machine that a checkpoint was saved on; null where it does not say.</summary>
    public static string? MachineOf(string path) => SafeTensors.ReadMetadata(path).GetValueOrDefault("machine");

    /// <summary>The score that a checkpoint was the best with; lower than any where it does not say.</summary>
    public static double ScoreOf(string path) =>
        double.TryParse(SafeTensors.ReadMetadata(path).GetValueOrDefault("score"), CultureInfo.InvariantCulture, out var score) ? score : double.NegativeInfinity;

    /// <summary>Reads what a checkpoint is of, without its tensors.</summary>
    public static (TrainOptions Options, long Step) Describe(string path)
    {
        var metadata = SafeTensors.ReadMetadata(path);
        if (metadata.GetValueOrDefault("format") != Format) throw new UserException($"{path}: not a checkpoint of this program");
        if (!metadata.TryGetValue("options", out var options)) throw Damaged(path, "the metadata 'options' is missing");
        return (TrainOptions.FromJson(path, options), Number(path, metadata, "step"));
    }

    /// <summary>Loads the whole state into a model of the same space, grid and constraints included, and returns the steps done.</summary>
    /// <exception cref="UserException">The checkpoint is of another space, or damaged.</exception>
    public static long Load(string path, MoCo model)
    {
        var (space, origin) = (model.Networks.Space, Describe(path).Options);
        var (step, metadata) = Load(path, space, States(model).Append(("queue", model.Queue.Keys)));
        if (origin.SpaceHash != space.Hash)
            throw new UserException($"{path}: a run of space {origin.Space} ({origin.SpaceHash}) cannot go on over {space.Name} ({space.Hash}): its grid or constraints are others");
        var position = Number(path, metadata, "queuePosition");
        model.Queue.Position = position < model.Queue.Length ? position : throw Damaged(path, $"its queue of {model.Queue.Length} keys has no position {position}");
        Refresh(model.Networks);
        return step;
    }

    /// <summary>Loads both networks only, in 32 bits, for search and evaluation; the caller disposes them.</summary>
    /// <exception cref="UserException">The checkpoint is of another space, or damaged.</exception>
    public static NetworkPair LoadNetworks(string path, SearchSpace space, Device device)
    {
        var (options, _) = Describe(path);
        var networks = new NetworkPair(space, options.MoCo.Hidden, options.MoCo.Dimension, device, ScalarType.Float32, trainable: false);
        try
        {
            Load(path, space, Weights(networks));
            return networks;
        }
        catch
        {
            networks.Dispose();
            throw;
        }
    }

    private static (long Step, IReadOnlyDictionary<string, string> Metadata) Load(string path, SearchSpace space, IEnumerable<(string Name, Tensor Target)> targets)
    {
        var (options, step) = Describe(path);
        // A checkpoint from before it said what its weights fit is matched by the whole space.
        var weights = SafeTensors.ReadMetadata(path).GetValueOrDefault("weightsHash");
        if (weights is null ? options.SpaceHash != space.Hash : weights != space.WeightsHash)
            throw new UserException($"{path}: the weights of a checkpoint of space {options.Space} do not fit {space.Name}: they are {weights ?? options.SpaceHash}, "
                + $"and it takes {(weights is null ? space.Hash : space.WeightsHash)}; give the space it was trained on");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (tensors, metadata) = SafeTensors.Read(path);
        foreach (var tensor in tensors.Values) scope.Attach(tensor);
        foreach (var (name, target) in targets)
        {
            if (!tensors.TryGetValue(name, out var source) || !source.shape.AsSpan().SequenceEqual(target.shape))
                throw Damaged(path, $"tensor '{name}' is missing or has another shape");
            target.copy_(source);
        }
        return (step, metadata);
    }

    private static long Number(string path, IReadOnlyDictionary<string, string> metadata, string key) =>
        long.TryParse(metadata.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Damaged(path, $"the metadata '{key}' is missing or not a whole number");

    private static DamagedFileException Damaged(string path, string what) => new($"{path}: {what}; the file is damaged");

    private static void Refresh(NetworkPair networks)
    {
        networks.StudentWeights.Changed();
        networks.TeacherWeights.Changed();
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
