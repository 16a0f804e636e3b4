using DataSsl.Generator.Plan;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Storage.Foreign;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Plans;
using DataSsl.SearchSpaces;
using TorchSharp;
using static TorchSharp.torch;
using Architecture = DataSsl.Runtime.Supernets.Architecture;

namespace DataSsl.Search.Start;

/// <summary>A network that comes with its weights, as an architecture of a space.</summary>
public sealed class GivenNetwork : IDisposable
{
    private GivenNetwork(
        string name, string hash, NetworkPlan plan, Architecture architecture, Dictionary<string, Tensor> tensors, bool isSupernet,
        string left)
    {
        (Name, Hash, Plan, Architecture, Tensors, IsSupernet, Left) = (name, hash, plan, architecture, tensors, isSupernet, left);
    }

    /// <summary>The file, or the name of weights that come with the program.</summary>
    public string Name { get; }

    /// <summary>First 16 hex digits of the file's SHA-256.</summary>
    public string Hash { get; }

    /// <summary>What the weights are of.</summary>
    public Architecture Architecture { get; }

    /// <summary>Whether the network is itself a supernet, whose channels are in an order that training gave them.</summary>
    public bool IsSupernet { get; }

    /// <summary>What of the file is not the network's, in words; empty where all is.</summary>
    public string Left { get; }

    /// <summary>Whether BatchNorm's statistics came along.</summary>
    public bool HasStatistics =>
        Blocks.All(
            b =>
                b.Block.Layers.Where(layer => layer.HasStatistics)
                    .All(layer => Tensors.ContainsKey($"{NetworkPlan.KeyOf(b.Key, layer)}.running_mean")));

    internal NetworkPlan Plan { get; }

    /// <summary>By their keys in the network itself.</summary>
    internal IReadOnlyDictionary<string, Tensor> Tensors { get; }

    internal EquatableArray<int> Choices => Architecture.Choices.ToArray().ToEquatableArray();

    internal IEnumerable<PlacedBlock> Blocks => Plan.ActiveBlocks(Choices);

    /// <summary>Reads the network.</summary>
    /// <param name="weights">A file of safetensors, <c>.pth</c> or ONNX; a run's folder; or <see cref="ImageNetResNet18.Name"/>.</param>
    /// <param name="spaces">Where it must have a place: the first that has one counts.</param>
    /// <exception cref="UserException">The file cannot be read, or holds no network of the spaces, or a value that is not
    /// finite.</exception>
    public static GivenNetwork Read(string weights, params IReadOnlyList<SearchSpace> spaces)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var isBuiltIn = weights == ImageNetResNet18.Name;
        var path = Existing(weights);
        var all = isBuiltIn ? ImageNetResNet18.Read() : ForeignTensors.Read(path);
        if (all.Count == 0) throw new UserException($"{path}: holds no tensors");
        // A name that comes twice would leave open which is meant.
        if (all.GroupBy(tensor => tensor.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new DamagedFileException($"{path}: tensor '{twice.Key}' is there twice");
        var run = isBuiltIn ? null : RunOf(path);
        var problems = new List<UserException>();
        foreach (var space in spaces)
        {
            try
            {
                return In(space);
            }
            catch (UserException e) when (e is not DamagedFileException && spaces.Count > 1)
            {
                problems.Add(e);
            }
        }
        throw new UserException(
            $"{problems[0].Message}; nor is there a place for it in {string.Join(", ", spaces.Skip(1).Select(space => space.Name))}",
            problems[0]);

        GivenNetwork In(SearchSpace space)
        {
            var plan = SpacePlan.Of(space);
            var keys = GivenKeys.Of(isBuiltIn ? weights : path, [.. all.Select(tensor => tensor.Name)], space.Family);
            if (run is not null) keys = keys.WithoutGaps();
            var names = new Dictionary<string, string>();
            foreach (var (theirs, ours) in keys.Ours)
                if (!names.TryAdd(ours, theirs)) throw new UserException($"{path}: '{names[ours]}' and '{theirs}' are both {ours}");
            var tensors = all.Where(tensor => keys.Ours.ContainsKey(tensor.Name))
                .ToDictionary(tensor => keys.Ours[tensor.Name], tensor => tensor.Values);
            var (choices, key, why) = ShapeMatch.Find(plan, tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.shape));
            if (choices is not { } found)
                throw new UserException(
                    $"{path}: fits nowhere in {space.Name}: tensor '{names.GetValueOrDefault(key, keys.Prefix + key)}'{(tensors.TryGetValue(key, out var odd) ? $" is [{string.Join(", ", odd.shape)}]" : "")}, {why}{(IsFolded() ? $"; BatchNorm is folded into the convolutions there: give the weights as they were before{Unfolded()}" : "")}");
            foreach (var (ours, tensor) in tensors) CheckValues(path, names[ours], tensor);
            var architecture = new Architecture(space, [.. found]);
            foreach (var tensor in tensors.Values) tensor.DetachFromDisposeScope();
            return new(
                FullName(weights), Checkpoint.Hash(path), plan, architecture, tensors, run is { Method.Architecture: null },
                keys.LeftInWords());

            // As in models for inference: what a norm does is in the weights and biases before it.
            bool IsFolded() =>
                Folding.Applies(plan) && !tensors.ContainsKey(key)
                    && all.All(tensor => !tensor.Name.EndsWith("running_var", StringComparison.Ordinal));
        }

        // As emit leaves them.
        string Unfolded() =>
            Path.ChangeExtension(path, ".safetensors") is var beside && beside != path && File.Exists(beside) ? $", {beside}" : "";
    }

    /// <summary>The name of weights wherever the program is called from.</summary>
    public static string FullName(string weights) =>
        weights == ImageNetResNet18.Name ? weights : Path.GetFullPath(CheckpointFolder.FileOf(weights));

    /// <summary>First 16 hex digits of the SHA-256 of the weights' file.</summary>
    /// <exception cref="UserException">It is not there.</exception>
    public static string HashOf(string weights)
    {
        return Checkpoint.Hash(Existing(weights));
    }

    /// <summary>The same, of what is there; of the weights that come with the program their own.</summary>
    /// <exception cref="UserException">It is not, be it that a folder has no checkpoint, or is C#.</exception>
    internal static string Existing(string weights)
    {
        if (weights == ImageNetResNet18.Name) return ImageNetResNet18.Path();
        if (weights.EndsWith(".cs", StringComparison.OrdinalIgnoreCase))
            throw new UserException($"{weights}: C#, and not its weights; give {Path.ChangeExtension(weights, ".safetensors")}");
        var file = CheckpointFolder.FileOf(weights);
        if (Path.Exists(file)) return file;
        throw new UserException(
            file == weights
                ? $"{file}: no such file"
                : $"{weights}: a folder without a run's {CheckpointFolder.NewestFile}; give a run's folder or checkpoint, or a file of weights");
    }

    /// <summary>The configuration of the run whose checkpoint a file is; null for any other file.</summary>
    internal static TrainOptions? RunOf(string path) =>
        path.EndsWith(".safetensors", StringComparison.Ordinal) && SafeTensors.ReadMetadata(path).ContainsKey("spaceHash")
            ? Checkpoint.Describe(path).Options
            : null;

    private static void CheckValues(string path, string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        if (!tensor.isfinite().all().item<bool>())
            throw new DamagedFileException(
                $"{path}: tensor '{name}' holds a value that is not finite; its training diverged, or the file is damaged");
        if (name.EndsWith("running_var", StringComparison.Ordinal) && (tensor < 0).any().item<bool>())
            throw new DamagedFileException($"{path}: tensor '{name}' holds a variance below zero; the file is damaged");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values) tensor.Dispose();
    }
}
