using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Forms;
using DataSsl.Search.Results;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary>Emits every winner of a search and writes their names and proofs into its result.</summary>
/// <param name="path">The search's result, or its folder.</param>
internal sealed class EmitWinners(SpaceCatalogue spaces, string path)
{
    private readonly string path = Directory.Exists(path) ? Path.Combine(path, SearchVerb.ResultFile) : path;

    /// <summary>What is written of each.</summary>
    public IReadOnlyList<WinnerForm> Forms { get; init; } = WinnerForm.Usual;

    /// <summary>The weights' licence, for the model cards.</summary>
    public string License { get; init; } = CardFacts.NoLicense;

    /// <summary>What the classes are called, as <see cref="WinnerNames"/> reads it.</summary>
    public string NamePattern { get; init; } = WinnerNames.Usual;

    /// <summary>Classes of a head; null for none.</summary>
    public int? Head { get; init; }

    /// <param name="folder">Where the classes go; made if missing, once everything else is found to be in order.</param>
    /// <param name="checkpoint">The searched checkpoint, where it is no longer in its place.</param>
    /// <param name="data">Other images than those of the search, for statistics and proof.</param>
    public List<EmittedClass> Run(string folder, string @namespace, string? checkpoint = null, string? data = null)
    {
        var (result, space) = SearchedResult.Read(spaces, path);
        var winners = result.Winners.Zip(WinnerNames.Of(NamePattern, space, result.Winners, @namespace), (w, name) => (Winner: w, ClassName: name, Architecture: space.Parse(w.Candidate.Architecture))).ToList();
        var (count, seed) = ((int)Whole(result, "images", from: 1, to: int.MaxValue), Whole(result, "seed", long.MinValue, long.MaxValue));
        using var networks = Load(result, space, checkpoint ?? Fact(result, "checkpoint"));
        var images = ImageSource.Open(data ?? Fact(result, "search data"));
        MemoryLimit.MustHold(space, winners.Select(w => w.Architecture), Math.Min(count, images.Count), result.DeployedSize, "emit them on a machine with more, or search again with fewer --images");
        // The result is written again, with what was emitted.
        RunFolder.Take(Home);
        RunFolder.Take(folder);
        var (batch, there) = Images.Batch(images, count, result.DeployedSize, seed, CPU);
        using var owned = batch;
        EmitVerb.TellOfFew(there, "search with --data and --images");
        var emitter = new WinnerEmitter(networks.Student, batch);
        var proven = new List<ProvenWinner>();
        try
        {
            return Emit();
        }
        finally
        {
            foreach (var one in proven) one.Dispose();
        }

        List<EmittedClass> Emit()
        {
            foreach (var (winner, className, architecture) in winners)
            {
                proven.Add(emitter.Prove(folder, className, @namespace, architecture, result.DeployedSize, Provenance(result, winner, images), Forms, Facts(result, winner, images), Head is { } classes ? new(classes, seed) : null));
                Output.Progress($"{proven.Count} of {winners.Count} made and proven: {className}");
            }
            ProvenWinner.Publish(proven);
            var emitted = proven.ConvertAll(one => one.Emitted);
            SearchVerb.Write(space, result with { Winners = [.. winners.Zip(emitted, (w, e) => Named(w.Winner, e))] }, Home);
            return emitted;
        }
    }

    private string Home => Path.GetDirectoryName(Path.GetFullPath(path))!;

    private NetworkPair Load(SearchResult result, SearchSpace space, string checkpoint)
    {
        checkpoint = SearchVerb.CheckpointPath(checkpoint);
        if (!File.Exists(checkpoint)) throw new UserException($"{checkpoint}: no such file, and {path} was searched with it; give --checkpoint where it is now");
        if (Checkpoint.Hash(checkpoint) != Fact(result, SearchVerb.HashKey))
            throw new UserException($"{checkpoint}: not the checkpoint that was searched (it has changed since); search again");
        return Checkpoint.LoadNetworks(checkpoint, space, CPU);
    }

    private string[] Provenance(SearchResult result, Winner winner, ImageSource images)
    {
        var task = result.Tasks.First(t => t.Name == winner.Task);
        return
        [
            $"{winner.Candidate.Architecture} of {result.Space}, best of {winner.Members.ToString("N0", CultureInfo.InvariantCulture)} within {winner.Budget} for {winner.Task}",
            FormattableString.Invariant($"score {winner.Candidate.Scores[winner.Task]:0.0000}: {task.Metric}, on {task.Features}"),
            $"space {result.SpaceHash}, checkpoint {Fact(result, SearchVerb.HashKey)}, data {images.Fingerprint[..16]}, seed {Fact(result, "seed")}, datassl {SearchVerb.Version}",
            .. result.Provenance.GetValueOrDefault(SearchVerb.FromKey) is { } from ? new[] { $"{SearchVerb.FromKey} {from}" } : [],
            .. result.Provenance.GetValueOrDefault(SearchVerb.TeacherKey) is { } teacher ? new[] { $"{SearchVerb.TeacherKey} {teacher}" } : [],
        ];
    }

    private CardFacts Facts(SearchResult result, Winner winner, ImageSource images) => new(
        Fact(result, SearchVerb.HashKey), images.Fingerprint[..16], Whole(result, "seed", long.MinValue, long.MaxValue), SearchVerb.Version, License,
        new(winner.Budget, winner.Task, winner.Members, winner.Candidate.Scores, result.Tasks.ToDictionary(t => t.Name, t => $"{t.Metric}, on {t.Features}"), winner.Confidence), result.Provenance.GetValueOrDefault(SearchVerb.FromKey), result.Provenance.GetValueOrDefault(SearchVerb.TeacherKey));

    private Winner Named(Winner winner, EmittedClass emitted) => winner with
    {
        ClassName = emitted.ClassName,
        SourceFile = Relative(emitted.SourcePath),
        WeightsFile = Relative(emitted.WeightsPath),
        ProofMaxAbsDifference = emitted.MaxAbsDifference,
    };

    private string Relative(string file) => Path.GetRelativePath(Home, Path.GetFullPath(file));

    private string Fact(SearchResult result, string key) => result.Provenance.GetValueOrDefault(key) ?? throw Damaged($"no '{key}'");

    private long Whole(SearchResult result, string key, long from, long to) =>
        long.TryParse(Fact(result, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to
            ? value : throw Damaged($"'{key}' is '{Fact(result, key)}'");

    private UserException Damaged(string what) => new($"{path}: not a whole search result ({what}); run the search again");
}
