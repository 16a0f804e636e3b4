using System.Globalization;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit;
using DataSsl.Search.Results;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Emitting;

/// <summary>Emits every winner of a search and writes their names and proofs into its result.</summary>
/// <param name="path">The search's result, or its folder.</param>
public sealed class EmitWinners(SpaceCatalogue spaces, string path, EmitSettings how)
{
    private readonly string path = Directory.Exists(path) ? Path.Combine(path, SearchFiles.Result) : path;

    /// <summary>Makes all classes, proves each, and writes them together.</summary>
    /// <param name="pattern">What the classes are called, as <see cref="WinnerNames"/> reads it.</param>
    /// <param name="checkpoint">The searched checkpoint, where it is no longer in its place.</param>
    public IReadOnlyList<EmittedClass> Run(string pattern = WinnerNames.Usual, string? checkpoint = null)
    {
        var (result, space) = SearchedResult.Read(spaces, path);
        var winners = result.Winners.Zip(
                WinnerNames.Of(pattern, space, result.Winners, how.Namespace),
                (w, name) => (Winner: w, ClassName: name, Architecture: space.Parse(w.Candidate.Architecture)))
            .ToList();
        var (count, seed) = ((int)Whole(result, Provenance.Images, from: 1, to: int.MaxValue),
            Whole(result, Provenance.Seed, long.MinValue, long.MaxValue));
        checkpoint = Searched(result, checkpoint ?? Fact(result, Provenance.Checkpoint));
        var pixels = Checkpoint.Describe(checkpoint).Options.Pixels;
        using var networks = Checkpoint.LoadNetworks(checkpoint, space, CPU);
        var images = Images.Cut(ImageSource.Open(how.Data ?? Fact(result, Provenance.SearchData)), Tiles(result), pixels.Format);
        MemoryLimit.MustHold(
            space, winners.Select(w => w.Architecture), Math.Min(count, images.Count), result.DeployedSize,
            "emit them on a machine with more, or search again with fewer --images");
        // The result is written again, with what was emitted.
        RunFolder.Take(Home);
        RunFolder.Take(how.Folder);
        how.TellOfLeftOut(pixels);
        using var batch = EmitSettings.Proof(
            images, count, result.DeployedSize, seed, pixels, "search with --data and --images", out var pictures);
        var emitter = new WinnerEmitter(networks.Student, batch) { Pictures = pictures, Pixels = pixels };
        var proven = new List<ProvenWinner>();
        try
        {
            return Emit();
        }
        finally
        {
            foreach (var one in proven) one.Dispose();
        }

        IReadOnlyList<EmittedClass> Emit()
        {
            foreach (var (winner, className, architecture) in winners)
            {
                proven.Add(
                    emitter.Prove(
                        how.Folder, className, how.Namespace, architecture, result.DeployedSize, Lines(result, winner, images), how.Forms,
                        Facts(result, winner, images), how.NewHead(seed), how.SharesReader));
                Notices.Tell($"{proven.Count} of {winners.Count} made and proven: {className}");
            }
            ProvenWinner.Publish(proven);
            var emitted = proven.ConvertAll(one => one.Emitted);
            SearchFiles.Write(space, result with { Winners = [.. winners.Zip(emitted, (w, e) => Named(w.Winner, e))] }, Home);
            return emitted;
        }
    }

    private string Home => Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>The checkpoint's file, if it is the one that was searched.</summary>
    private string Searched(SearchResult result, string checkpoint)
    {
        checkpoint = CheckpointFolder.FileOf(checkpoint);
        if (!File.Exists(checkpoint))
            throw new UserException($"{checkpoint}: no such file, and {path} was searched with it; give --checkpoint where it is now");
        if (Checkpoint.Hash(checkpoint) != Fact(result, Provenance.CheckpointHash))
            throw new UserException($"{checkpoint}: not the checkpoint that was searched (it has changed since); search again");
        return checkpoint;
    }

    private string[] Lines(SearchResult result, Winner winner, ImageSource images)
    {
        var task = result.Tasks.First(t => t.Name == winner.Task);
        return
        [
            $"{winner.Candidate.Architecture} of {result.Space}, best of {winner.Members.ToString("N0", CultureInfo.InvariantCulture)} within {winner.Budget} for {winner.Task}",
            FormattableString.Invariant($"score {winner.Candidate.Scores[winner.Task]:0.0000}: {task.Metric}, on {task.Features}"),
            $"space {result.SpaceHash}, checkpoint {Fact(result, Provenance.CheckpointHash)}, data {images.Fingerprint[..16]}, seed {Fact(result, Provenance.Seed)}, datassl {Product.Version}",
            .. result.Provenance.GetValueOrDefault(Provenance.StartedFrom) is { } from ? new[] { $"{Provenance.StartedFrom} {from}" } : [],
            .. result.Provenance.GetValueOrDefault(Provenance.LearntFrom) is { } teacher
                ? new[] { $"{Provenance.LearntFrom} {teacher}" }
                : [],
        ];
    }

    private CardFacts Facts(SearchResult result, Winner winner, ImageSource images) => new(
        Fact(result, Provenance.CheckpointHash), images.Fingerprint[..16], Whole(result, Provenance.Seed, long.MinValue, long.MaxValue),
        Product.Version, how.License,
        new(
                winner.Budget, winner.Task, winner.Members, winner.Candidate.Scores,
                result.Tasks.ToDictionary(t => t.Name, t => $"{t.Metric}, on {t.Features}"), winner.Confidence),
            result.Provenance.GetValueOrDefault(Provenance.StartedFrom), result.Provenance.GetValueOrDefault(Provenance.LearntFrom));

    private Winner Named(Winner winner, EmittedClass emitted) => winner with
    {
        ClassName = emitted.ClassName,
        SourceFile = Relative(emitted.SourcePath),
        WeightsFile = Relative(emitted.WeightsPath),
        ProofMaxAbsDifference = emitted.MaxAbsDifference,
    };

    private string Relative(string file) => Path.GetRelativePath(Home, Path.GetFullPath(file));

    private TileRule? Tiles(SearchResult result) => result.Provenance.GetValueOrDefault(Provenance.SearchTiles) is not { } text ? null
        : TileRule.Read(text) ?? throw Damaged($"'{Provenance.SearchTiles}' is '{text}'");

    private string Fact(SearchResult result, string key) => result.Provenance.GetValueOrDefault(key) ?? throw Damaged($"no '{key}'");

    private long Whole(SearchResult result, string key, long from, long to) =>
        long.TryParse(Fact(result, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= from
            && value <= to
            ? value : throw Damaged($"'{key}' is '{Fact(result, key)}'");

    private UserException Damaged(string what) => new($"{path}: not a whole search result ({what}); run the search again");
}
