using System.Globalization;
using System.Security.Cryptography;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>
/// A run's state on disk: networks, what optimizer and objective keep between steps, position and configuration. All randomness is a
/// function of seed and step, so there is none to store.
/// </summary>
public static class Checkpoint
{
    private const string Format = "datassl-checkpoint/2";
    private const string OldFormat = "datassl-checkpoint/1";

    /// <summary>Writes the state after <paramref name="step"/> steps.</summary>
    /// <param name="path">The target.</param>
    /// <param name="model">All that a step changes.</param>
    /// <param name="options">The run's configuration.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="keep">Where the checkpoint that is there already goes, instead of being replaced.</param>
    /// <param name="score">By which it is the best of its run.</param>
    public static void Save(string path, Pretraining model, TrainOptions options, long step, string? keep = null, double? score = null)
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["space"] = options.Space,
            ["spaceHash"] = options.SpaceHash,
            ["weightsHash"] = model.Networks.Space.WeightsHash,
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
            ["options"] = options.ToJson(),
            ["machine"] = Machine(model),
        };
        foreach (var (name, queue) in model.Queues) metadata.Add(PositionOf(name), queue.Position.ToString(CultureInfo.InvariantCulture));
        if (score is { } known) metadata.Add("score", known.ToString("R", CultureInfo.InvariantCulture));
        SafeTensors.Write(path, model.State, metadata, keep);
    }

    /// <summary>
    /// What rounds sums in its own order: device, threads, processes and libtorch. The same run on another one may differ in the last
    /// digits.
    /// </summary>
    public static string Machine(Pretraining model) =>
        Machine(model.Networks.StudentWeights.Device, model.Deal.Processes is { } group ? $", {group.Size} processes" : "");

    /// <summary>The same of work in one process.</summary>
    public static string Machine(Device device, string processes = "") =>
        $"{device}, {get_num_threads()} threads{processes}, libtorch {LibtorchInfo.Version}";

    /// <summary>The score that a checkpoint was the best with; lower than any where it does not say.</summary>
    public static double ScoreOf(string path) =>
        double.TryParse(SafeTensors.ReadMetadata(path).GetValueOrDefault("score"), CultureInfo.InvariantCulture, out var score)
            ? score
            : double.NegativeInfinity;

    /// <summary>Reads what a checkpoint is of, without its tensors.</summary>
    public static (TrainOptions Options, long Step) Describe(string path) => Describe(path, SafeTensors.ReadMetadata(path));

    /// <summary>
    /// Refuses a checkpoint that a space cannot use, or that is damaged, or holds a value that is not finite: before the work that it is
    /// for.
    /// </summary>
    /// <exception cref="UserException">One of these.</exception>
    public static void Check(string path, SearchSpace space)
    {
        Fitting(path, space);
        SafeTensors.Verify(path);
    }

    /// <summary>Loads the whole state into a model of the same space, grid and constraints included, and returns the steps done.</summary>
    /// <exception cref="UserException">The checkpoint is of another space, or damaged.</exception>
    public static long Load(string path, Pretraining model) => LoadRun(path, model).Step;

    /// <summary>What a run's checkpoint says of itself: read before a model takes memory that the run may not be of.</summary>
    /// <exception cref="UserException">The checkpoint is of another space, or its metadata are damaged.</exception>
    internal static CheckpointFacts Facts(string path, SearchSpace space) => Facts(path, space, SafeTensors.ReadMetadata(path));

    private static CheckpointFacts Facts(string path, SearchSpace space, IReadOnlyDictionary<string, string> metadata)
    {
        var (options, step) = Describe(path, metadata);
        MustFit(path, metadata, options, space);
        return options.SpaceHash == space.Hash ? new(options, step, metadata.GetValueOrDefault("machine"))
            : throw new UserException(
                $"{path}: a run of space {options.Space} ({options.SpaceHash}) cannot go on over {space.Name} ({space.Hash}): its grid or constraints are others");
    }

    /// <summary>Loads the whole state, and returns what the checkpoint says of itself.</summary>
    internal static CheckpointFacts LoadRun(string path, Pretraining model)
    {
        var metadata = SafeTensors.ReadMetadata(path);
        var facts = Facts(path, model.Networks.Space, metadata);
        Load(path, model.State);
        foreach (var (name, queue) in model.Queues)
        {
            var position = Number(path, metadata, PositionOf(name));
            queue.Position = position < queue.Length
                ? position
                : throw Damaged(path, $"its {name} of {queue.Length} keys has no position {position}");
        }
        return facts;
    }

    /// <summary>Loads both networks only, in 32 bits, for search and evaluation; the caller disposes them.</summary>
    /// <exception cref="UserException">As <see cref="Check"/>.</exception>
    public static NetworkPair LoadNetworks(string path, SearchSpace space, Device device)
    {
        var networks = Fitting(path, space).Method.Networks(space, device, ScalarType.Float32, trainable: false);
        try
        {
            Load(path, networks.State, othersToo: true);
            return networks;
        }
        catch
        {
            networks.Dispose();
            throw;
        }
    }

    private static (TrainOptions Options, long Step) Describe(string path, IReadOnlyDictionary<string, string> metadata)
    {
        var format = metadata.GetValueOrDefault("format");
        if (format == OldFormat)
            throw new UserException($"{path}: a checkpoint of an earlier version ({OldFormat}), which this one does not read; train again");
        if (format != Format) throw new UserException($"{path}: not a checkpoint of this program");
        if (!metadata.TryGetValue("options", out var options)) throw Damaged(path, "the metadata 'options' is missing");
        return (TrainOptions.FromJson(path, options), Number(path, metadata, "step"));
    }

    /// <summary>What a checkpoint is of, if a space can use its weights.</summary>
    private static TrainOptions Fitting(string path, SearchSpace space)
    {
        var metadata = SafeTensors.ReadMetadata(path);
        var (options, _) = Describe(path, metadata);
        MustFit(path, metadata, options, space);
        return options;
    }

    private static void MustFit(string path, IReadOnlyDictionary<string, string> metadata, TrainOptions options, SearchSpace space)
    {
        if (options.Pixels.Format.Bands != space.InputChannels)
            throw Damaged(path, $"it is of images of {options.Pixels.Format}, and {space.Name} takes {space.InputChannels} channels");
        var weights = metadata.GetValueOrDefault("weightsHash");
        if (weights != space.WeightsHash)
            throw new UserException(
                $"{path}: the weights of a checkpoint of space {options.Space} do not fit {space.Name}: they are {weights ?? "of no known space"}, "
                + $"and it takes {space.WeightsHash}; give the space it was trained on");
    }

    private static void Load(string path, IEnumerable<(string Name, Tensor Values)> targets, bool othersToo = false)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        SafeTensors.ReadInto(path, targets.ToDictionary(t => t.Name, t => t.Values), othersToo);
    }

    private static string PositionOf(string queue) => $"{queue}Position";

    private static long Number(string path, IReadOnlyDictionary<string, string> metadata, string key) =>
        long.TryParse(metadata.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Damaged(path, $"the metadata '{key}' is missing or not a whole number");

    private static DamagedFileException Damaged(string path, string what) => new($"{path}: {what}; the file is damaged");

    /// <summary>First 16 hex digits of the file's SHA-256: what artifacts made from it name as their origin.</summary>
    public static string Hash(string path)
    {
        using var file = RegularFile.OpenGiven(path);
        return Convert.ToHexStringLower(SHA256.HashData(file))[..16];
    }
}

/// <summary>What a checkpoint says of itself.</summary>
/// <param name="Machine">What it was saved on; null where it does not say.</param>
internal sealed record CheckpointFacts(TrainOptions Options, long Step, string? Machine);
