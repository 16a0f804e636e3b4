using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Recipes;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;
using DataSsl.Search.Emit;
using DataSsl.Search.Networks;
using DataSsl.Search.Results;
using DataSsl.Search.Start;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Verdict;

/// <summary>The networks of a verdict, named and checked before an image is read.</summary>
internal sealed class VerdictNetworks
{
    /// <summary>The space that the built-in weights are read in.</summary>
    private const string ImageNetSpace = "AroundResNet18";

    private readonly SpaceCatalogue spaces;
    private readonly VerdictRequest request;

    public VerdictNetworks(SpaceCatalogue spaces, VerdictRequest request, Device device)
    {
        (this.spaces, this.request) = (spaces, request);
        var (winner, run) = FindWinner(device);
        Winner = winner;
        Given = FindGiven();
        Handcrafted = request.Handcrafted is { } text ? FindHandcrafted(text) : null;
        MustBeAnother(Given, "--weights", request.Weights);
        if (Handcrafted is not null) MustBeAnother(Handcrafted, "--handcrafted", request.Handcrafted!);
        var (space, architecture, size) = (winner.Architecture.Space, winner.Architecture, winner.Size);
        Random = new(
            "random", "random weights", "drawn by the seed", architecture, size, "random", IsDrawn: true,
            seed => NetworkSource.Random(space, architecture.ToString(), size, seed));
        LeftOut = Handcrafted is null ? TellOfHandcrafted(run) : null;
    }

    public VerdictNetwork Random { get; }

    public VerdictNetwork Given { get; }

    public VerdictNetwork? Handcrafted { get; }

    public VerdictNetwork Winner { get; }

    /// <summary>In the order of the table.</summary>
    public IReadOnlyList<VerdictNetwork> All => [Random, Given, .. Handcrafted is { } h ? new[] { h } : [], Winner];

    /// <summary>What there is no row for, and the command that leads to one; null where there is.</summary>
    public string? LeftOut { get; }

    private (VerdictNetwork Network, TrainOptions? Run) FindWinner(Device device)
    {
        var path = Directory.Exists(request.Winner) && !File.Exists(CheckpointFolder.FileOf(request.Winner))
            ? ClassIn(request.Winner)
            : request.Winner;
        if (path.EndsWith(".cs", StringComparison.OrdinalIgnoreCase)) return (Emitted(path, device), null);
        if (Path.ChangeExtension(path, ".cs") is var itself && File.Exists(path) && File.Exists(itself))
            throw new UserException($"--winner {path}: not the class itself; give {itself}");
        var (options, _) = Checkpoint.Describe(CheckpointFolder.FileOf(path));
        var source = NetworkSource.Subnet(
            spaces, path, request.Architecture ?? (options.Method.Architecture is null ? Searched(path, options) : null), request.Size);
        source.MustShowColours("verdict");
        var hash = (string)source.Facts["checkpointHash"]!;
        return (Of("winner", "winner", source, source.Title, hash, _ => source) with { Checkpoint = hash }, options);
    }

    /// <summary>The one class in a folder.</summary>
    private string ClassIn(string folder)
    {
        var classes = Directory.GetFiles(folder, "*.cs")
            .Where(file => Path.ChangeExtension(file, ".safetensors") is var weights && File.Exists(weights)
                && !IsInBytes(SafeTensors.ReadMetadata(weights)))
            .Order(StringComparer.Ordinal).ToList();
        return classes switch
        {
            [var one] => one,
            [] => throw new UserException($"--winner {folder}: holds neither a run's checkpoint nor an emitted class with its weights"),
            [var first, ..] =>
                throw new UserException($"--winner {folder}: holds {classes.Count} classes; give one of them, such as {first}"),
        };
    }

    private static bool IsInBytes(IReadOnlyDictionary<string, string> metadata) => metadata.ContainsKey(FixedNetwork.QuantisationKey);

    private VerdictNetwork Emitted(string path, Device device)
    {
        if (request.Architecture is not null)
            throw new UserException($"--arch {request.Architecture}: goes with a run; {path} is of one architecture");
        var weights = Path.ChangeExtension(path, ".safetensors");
        var metadata = SafeTensors.ReadMetadata(weights);
        if (IsInBytes(metadata))
            throw new UserException($"--winner {path}: computes in 8 bits and is not trained on; give the class that it was emitted with");
        if (metadata.GetValueOrDefault("space")?.Split(' ') is not [var name, var hash]
            || metadata.GetValueOrDefault("architecture") is not { } text)
            throw new UserException(
                $"{weights}: does not say which architecture of which space it is; emit the class anew, or give the run and --arch");
        if (Preprocessing.Read(weights) is { IsImageNet: false } pixels)
            throw new UserException(
                $"{weights}: a verdict reads red, green and blue of 8 bits by ImageNet's statistics, and this class is shown {pixels}; measure it with 'datassl evaluate'");
        var space = spaces.Find(name);
        if (space.Hash != hash)
            throw new UserException(
                $"{weights}: of the space {name} as it was then ({hash}), and now it is another ({space.Hash}); give it with --space-file, or emit the class anew");
        var size = request.Size ?? (int.TryParse(metadata.GetValueOrDefault(FixedNetwork.SizeKey), out var own) ? own : space.InputSize);
        return new(
            "winner", "winner", path, space.Parse(text), space.CheckSize(size), Checkpoint.Hash(weights), IsDrawn: false,
            _ => NetworkSource.Emitted(path, weights, size, device))
        {
            Checkpoint = metadata.GetValueOrDefault(WinnerEmitter.CheckpointKey),
        };
    }

    /// <summary>The architecture of the one winner of the search beside a run's checkpoint.</summary>
    private string Searched(string run, TrainOptions options)
    {
        var checkpoint = CheckpointFolder.FileOf(run);
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(checkpoint))!, SearchFiles.Result);
        if (!File.Exists(path))
            throw new UserException($"--arch is missing: {run} is a supernet of {options.Space}; give the architecture of the winner");
        var (result, _) = SearchedResult.Read(spaces, path);
        if (result.Provenance.GetValueOrDefault(Provenance.CheckpointHash) is { } searched && searched != Checkpoint.Hash(checkpoint))
            throw new UserException(
                $"--arch is missing: the search beside {run} is of another checkpoint ({searched}); search again, or give the architecture");
        var winners = result.Winners.Select(w => w.Candidate.Architecture).Distinct().ToList();
        return winners switch
        {
            [var one] => one,
            [] =>
                throw new UserException(
                    $"--arch is missing: the search beside {run} has no winner; give an architecture of {options.Space}"),
            [var first, ..] =>
                throw new UserException(
                    $"--arch is missing: the search beside {run} has {winners.Count} winners; give one of them, such as '{first}'"),
        };
    }

    /// <summary>
    /// Refuses the winner as what it is to be compared with: it is not ahead of itself, and of nothing else would be said a word.
    /// </summary>
    private void MustBeAnother(VerdictNetwork network, string option, string given)
    {
        if (network.Identity == Winner.Identity)
            throw new UserException($"{option} {given}: the winner itself; give what you could take in its place");
    }

    private VerdictNetwork FindGiven()
    {
        var isBuiltIn = request.Weights == ImageNetResNet18.Name;
        var space = request.WeightsSpace is { } named
            ? spaces.Find(named)
            : isBuiltIn
            ? spaces.Find(ImageNetSpace)
            : Winner.Architecture.Space;
        var size = space.CheckSize(request.WeightsSize ?? Winner.Size, request.WeightsSize is null ? "--size" : "--weights-size");
        GivenNetwork given;
        try
        {
            given = GivenNetwork.Read(request.Weights, space);
        }
        catch (UserException e) when (request.WeightsSpace is null && e is not DamagedFileException && File.Exists(request.Weights))
        {
            throw new UserException($"--weights {e.Message}; --weights-space NAME says which space they are of (now {space.Name})", e);
        }
        using (given)
        {
            var name = isBuiltIn ? request.Weights : Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(request.Weights));
            return new(
                "given", name, given.Name, given.Architecture, size, given.Hash, IsDrawn: false,
                seed => NetworkSource.Given(space, request.Weights, null, size, seed, "--weights"));
        }
    }

    private VerdictNetwork FindHandcrafted(string text)
    {
        // A path may have a colon of its own.
        var colon = Path.Exists(text) ? -1 : text.LastIndexOf(':');
        var (run, architecture) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        var (options, _) = Checkpoint.Describe(CheckpointFolder.FileOf(run));
        if (architecture is null && options.Method.Architecture is null)
            throw new UserException($"--handcrafted {text}: a supernet of {options.Space}; say which network of it, as {run}:ARCH");
        var source = NetworkSource.Subnet(spaces, run, architecture, request.Size ?? Winner.Size);
        source.MustShowColours("verdict");
        return Of("handcrafted", Called(source.Architecture!), source, source.Title, (string)source.Facts["checkpointHash"]!, _ => source);
    }

    private static VerdictNetwork Of(
        string role, string name, NetworkSource source, string origin, string weights, Func<long, NetworkSource> make) =>
        new(role, name, origin, source.Architecture!, source.Size, weights, IsDrawn: false, make);

    private static string Called(Architecture architecture) =>
        architecture.Space.Anchors.Select(a => a.Name).Append("Max").Append("Min")
                .FirstOrDefault(name => architecture.Space.Parse(name).Equals(architecture))
            ?? architecture.ToString();

    /// <summary>
    /// That there is no handcrafted network, and the training that would give one: the space's own nearest in cost, for as many
    /// multiply-accumulates as the winner's run took.
    /// </summary>
    private string TellOfHandcrafted(TrainOptions? run)
    {
        const string none = "no handcrafted network is given, so its row is left out";
        var (winner, space) = (Winner.Architecture, Winner.Architecture.Space);
        var nearest = space.Anchors.Where(a => !space.Parse(a.Name).Equals(winner))
            .MinBy(a => Math.Abs(Math.Log((double)space.Macs(space.Parse(a.Name), Winner.Size) / Winner.Macs)));
        if (nearest is null) return $"{none}; {space.Name} names none: train one of your choice with --arch and give --handcrafted RUN";
        var folder = $"{Path.TrimEndingDirectorySeparator(request.Folder)}-{nearest.Name}";
        string[] words = run is null
            ?
            [
                "--space", space.Name, "--arch", nearest.Name, "--size", Wording.Number(Winner.Size), "--data", request.Data, "--out",
                folder,
            ]
            : Training(run, space, nearest.Name, folder);
        return $"{none}; {nearest.Name} is the nearest in cost: give --handcrafted {folder} after: {NextCommand.Of("train", words)}";
    }

    private string[] Training(TrainOptions run, SearchSpace space, string anchor, string folder)
    {
        var single = run with { Method = run.Method.OfOne(space.Parse(anchor)) };
        var epochs = Math.Clamp(
            Math.Round(
                (double)run.Epochs * run.Method.MacsPerImage(space, (ulong)run.Seed) / single.Method.MacsPerImage(space, (ulong)run.Seed)),
            1, TrainBounds.Epochs.To);
        var (plan, recipe) = (run.Method.Views,
            Path.Combine(Path.GetDirectoryName(CheckpointFolder.FileOf(request.Winner))!, RecipeText.FileName));
        // Views of one's own are in the run's recipe; where that is gone, those of the name come nearest.
        var isNamed = ViewPlan.Names.Contains(plan.Name) && (ViewPlan.Named(plan.Name, run.Size) == plan || !File.Exists(recipe));
        string[] views = isNamed ? ["--views", plan.Name] : File.Exists(recipe) ? ["--views", recipe] : [];
        return
        [
            .. RecipeText.Values(single with { Epochs = (int)epochs }).Where(value => value.Option != "--arch")
                .SelectMany(value => new[] { value.Option, value.Value }),
            "--arch", anchor, .. views, "--out", folder,
        ];
    }
}
