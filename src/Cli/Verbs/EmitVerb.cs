using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl emit</c>: winners as C# classes with their weights, each proven equal to its supernet slice.</summary>
internal static class EmitVerb
{
    private const string DefaultNamespace = "DataSsl.Models";

    public static Command Create(SpaceCatalogue spaces)
    {
        var search = new Option<string>("--search") { Description = "A search.json, or its folder: emits every winner.", HelpName = "FILE" };
        var checkpoint = SearchVerb.CheckpointOption();
        var architecture = Options.Architecture();
        var name = new Option<string>("--name") { Description = "Class name for --arch. Default: the space's name and the architecture's index or anchor.", HelpName = "CLASS" };
        var @namespace = new Option<string>("--namespace") { Description = "Namespace of the classes.", DefaultValueFactory = _ => DefaultNamespace, HelpName = "NAME" };
        var (data, @out, images, size) = (Options.Data(), Options.Out(), SearchVerb.ImagesOption(), Options.Size("the training's"));
        var (seed, threads, json) = (Options.Seed(), Options.Threads(), Options.Json());
        var command = new Command("emit", "Write winners, or one architecture, as C# classes with weights, proven equal to their supernet slices.")
        {
            search, checkpoint, architecture, name, @namespace, data, @out, images, size, seed, threads, json,
        };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            var (folder, names) = (parsed.Required(@out), parsed.GetValue(@namespace)!);
            if (parsed.GetValue(search) is not null) MustBeAbsent(parsed, architecture, name, images, size, seed);
            else if (parsed.GetValue(architecture) is null) throw new UserException("give --search FILE for the winners of a search, or --checkpoint FILE and --arch ARCH for one architecture");
            List<EmittedClass> emitted = parsed.GetValue(search) is { } result
                ? new EmitWinners(spaces, result).Run(folder, names, parsed.GetValue(checkpoint), parsed.GetValue(data))
                : [One(spaces, parsed, checkpoint, architecture, name, names, data, folder, parsed.GetValue(images), parsed.GetValue(size), parsed.GetValue(seed))];
            if (parsed.GetValue(json)) Output.Json(new() { ["emitted"] = new JsonArray([.. emitted.Select(Facts)]) });
            else
                foreach (var e in emitted) Output.Line($"{e.ClassName}: largest difference to its supernet slice {e.MaxAbsDifference:g3}; {e.SourcePath}, {e.WeightsPath}");
            return 0;
        });
        return command;
    }

    private static EmittedClass One(
        SpaceCatalogue spaces, ParseResult parsed, Option<string> checkpoint, Option<string> architecture, Option<string> name, string @namespace,
        Option<string> data, string folder, int count, int? size, long seed)
    {
        var path = SearchVerb.CheckpointPath(parsed.Required(checkpoint));
        var (options, step) = Checkpoint.Describe(path);
        var space = spaces.Find(options.Space);
        var a = options.Method.Choose(space, parsed.Required(architecture), path);
        var side = space.CheckSize(size ?? options.Size);
        var className = parsed.GetValue(name) ?? DefaultName(space, a);
        EmittedNames.Check(space, className, @namespace);
        Options.Positive("--images", count);
        using var networks = Checkpoint.LoadNetworks(path, space, CPU);
        var images = ImageSource.Open(parsed.GetValue(data) ?? options.Data);
        Output.Folder(folder);
        var (batch, _) = Images.Batch(images, count, side, seed, CPU);
        using var owned = batch;
        string[] provenance =
        [
            $"{a} of {space.Name}",
            $"space {space.Hash}, checkpoint {Checkpoint.Hash(path)} after {step} steps, data {images.Fingerprint[..16]}, seed {seed}, datassl {SearchVerb.Version}",
        ];
        return new WinnerEmitter(networks.Student, batch).Emit(folder, className, @namespace, a, side, provenance);
    }

    /// <summary>After the anchor that the architecture is, its index, or neither where it is off the grid.</summary>
    private static string DefaultName(SearchSpace space, Architecture a)
    {
        var named = space.Anchors.Select(x => x.Name).Append("Max").Append("Min").FirstOrDefault(x => space.Parse(x).Equals(a));
        return $"{space.Name}_{named ?? (space.IsOnGrid(a) ? space.IndexOf(a).ToString(CultureInfo.InvariantCulture) : "Custom")}";
    }

    private static void MustBeAbsent(ParseResult parsed, params Option[] options)
    {
        foreach (var option in options)
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UserException($"{option.Name} goes with --arch; --search takes it from the search");
    }

    private static JsonObject Facts(EmittedClass e) => new()
    {
        ["class"] = e.ClassName,
        ["source"] = e.SourcePath,
        ["weights"] = e.WeightsPath,
        ["maxAbsDifference"] = e.MaxAbsDifference,
    };
}
