using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Search.Candidates;
using DataSsl.Search.Emit;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl emit</c>: winners as C# classes with their weights, each proven equal to its supernet slice.</summary>
internal static class EmitVerb
{
    private const string DefaultNamespace = "DataSsl.Models";

    public static Command Create(SpaceCatalogue spaces)
    {
        var search = new Option<string>("--search") { Description = "A search.json: emits every winner.", HelpName = "FILE" };
        var checkpoint = SearchVerb.CheckpointOption();
        var architecture = Options.Architecture();
        var name = new Option<string>("--name") { Description = "Class name for --arch. Default: the space's name and the architecture's index or anchor.", HelpName = "CLASS" };
        var @namespace = new Option<string>("--namespace") { Description = "Namespace of the classes.", DefaultValueFactory = _ => DefaultNamespace, HelpName = "NAME" };
        var (data, @out, images, size) = (Options.Data(), Options.Out(), SearchVerb.ImagesOption(), Options.Size());
        var (seed, threads, json) = (Options.Seed(), Options.Threads(), Options.Json());
        var command = new Command("emit", "Write winners, or one architecture, as C# classes with weights, proven equal to their supernet slices.")
        {
            search, checkpoint, architecture, name, @namespace, data, @out, images, size, seed, threads, json,
        };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            var folder = Output.Folder(parsed.Required(@out));
            var emitted = parsed.GetValue(search) is { } file
                ? Winners(spaces, file, folder, parsed.GetValue(@namespace)!, parsed.GetValue(data))
                : [One(spaces, parsed, checkpoint, architecture, name, @namespace, data, folder, parsed.GetValue(images), parsed.GetValue(size), parsed.GetValue(seed))];
            if (parsed.GetValue(json)) Output.Json(new() { ["emitted"] = new JsonArray([.. emitted.Select(Facts)]) });
            else
                foreach (var e in emitted) Output.Line($"{e.ClassName}: largest difference to its supernet slice {e.MaxAbsDifference:g3}; {e.SourcePath}, {e.WeightsPath}");
            return 0;
        });
        return command;
    }

    /// <summary>Emits every winner of a search and writes their names and proofs into its result.</summary>
    public static List<EmittedClass> Winners(SpaceCatalogue spaces, string resultPath, string folder, string @namespace, string? data = null)
    {
        var result = SearchResultJson.Read(resultPath);
        var (checkpoint, facts) = (result.Provenance["checkpoint"], result.Provenance);
        var space = spaces.Find(result.Space);
        if (File.Exists(checkpoint) && Checkpoint.Hash(checkpoint) != facts["checkpoint hash"])
            throw new UserException($"{checkpoint}: not the checkpoint that was searched (it has changed since); search again");
        using var networks = Checkpoint.LoadNetworks(checkpoint, space, CPU);
        var (images, _) = Images.Batch(
            ImageFolder.Open(data ?? facts["search data"]), int.Parse(facts["images"], CultureInfo.InvariantCulture), result.Size, long.Parse(facts["seed"], CultureInfo.InvariantCulture), CPU);
        var emitter = new WinnerEmitter(networks.Student, images);
        var (emitted, winners) = (new List<EmittedClass>(), new List<Winner>());
        foreach (var winner in result.Winners)
        {
            var className = $"{space.Name}_{Budget.Parse(winner.Budget).Identifier}_{SearchTask.Parse(winner.Task).Identifier}";
            var provenance = new[]
            {
                $"{winner.Candidate.Architecture} of {space.Name}, best of {winner.Members:N0} within {winner.Budget} for {winner.Task}",
                FormattableString.Invariant($"score {winner.Candidate.Scores[winner.Task]:0.0000}: {result.Tasks.First(t => t.Name == winner.Task).Metric}"),
                $"space {space.Hash}, checkpoint {facts["checkpoint hash"]}, data {facts["search data fingerprint"]}, seed {facts["seed"]}, datassl {facts["datassl"]}",
            };
            var e = emitter.Emit(folder, className, @namespace, space.Parse(winner.Candidate.Architecture), result.Size, provenance);
            Output.Progress($"{className}: largest difference to its supernet slice {e.MaxAbsDifference:g3}");
            emitted.Add(e);
            winners.Add(winner with
            {
                ClassName = className, SourceFile = Relative(e.SourcePath), WeightsFile = Relative(e.WeightsPath), ProofMaxAbsDifference = e.MaxAbsDifference,
            });
        }
        images.Dispose();
        SearchVerb.Write(result with { Winners = winners }, Path.GetDirectoryName(Path.GetFullPath(resultPath))!);
        return emitted;

        string Relative(string path) => Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(resultPath))!, Path.GetFullPath(path));
    }

    private static EmittedClass One(
        SpaceCatalogue spaces, ParseResult parsed, Option<string> checkpoint, Option<string> architecture, Option<string> name, Option<string> @namespace,
        Option<string> data, string folder, int count, int? size, long seed)
    {
        var path = SearchVerb.CheckpointPath(parsed.Required(checkpoint));
        var (options, step) = Checkpoint.Describe(path);
        var space = spaces.Find(options.Space);
        var text = parsed.Required(architecture);
        var a = space.Parse(text);
        var side = space.CheckSize(size ?? options.Size);
        var className = parsed.GetValue(name) ?? $"{space.Name}_{(space.Anchors.Any(x => x.Name == text) || text is "Max" or "Min" ? text : space.IsOnGrid(a) ? $"{space.IndexOf(a)}" : "Custom")}";
        using var networks = Checkpoint.LoadNetworks(path, space, CPU);
        var (images, _) = Images.Batch(ImageFolder.Open(parsed.GetValue(data) ?? options.Data), Options.Positive("--images", count), side, seed, CPU);
        var provenance = new[] { $"{a} of {space.Name}", $"space {space.Hash}, checkpoint {Checkpoint.Hash(path)} after {step} steps, seed {seed}" };
        var emitted = new WinnerEmitter(networks.Student, images).Emit(folder, className, parsed.GetValue(@namespace)!, a, side, provenance);
        images.Dispose();
        return emitted;
    }

    private static JsonObject Facts(EmittedClass e) => new()
    {
        ["class"] = e.ClassName, ["source"] = e.SourcePath, ["weights"] = e.WeightsPath, ["maxAbsDifference"] = e.MaxAbsDifference,
    };
}
