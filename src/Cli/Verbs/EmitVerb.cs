using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Forms;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl emit</c>: winners as C# classes with their weights, and in other forms, each proven to be its supernet slice.</summary>
internal static class EmitVerb
{
    private const string DefaultNamespace = "DataSsl.Models";

    public static Command Create(SpaceCatalogue spaces)
    {
        var search = new Option<string>("--search") { Description = "A search.json, or its folder: emits every winner.", HelpName = "FILE" };
        var checkpoint = SearchVerb.CheckpointOption();
        var architecture = Options.Architecture();
        var name = new Option<string>("--name")
        {
            Description = $"Class name for --arch; default: the space's name and the architecture's index or anchor. For --search a pattern; default: {WinnerNames.Usual}.",
            HelpName = "CLASS",
        };
        var @namespace = new Option<string>("--namespace") { Description = "Namespace of the classes.", DefaultValueFactory = _ => DefaultNamespace, HelpName = "NAME" };
        var (data, @out, images, size) = (Options.Data(), Options.Out(), SearchVerb.ImagesOption(), Options.Size("the training's"));
        var forms = new Option<string>("--forms")
        {
            Description = $"What to write, of {string.Join(", ", WinnerForm.All.Select(f => f.Name))}; docs/deploy.md says what each is for.",
            DefaultValueFactory = _ => string.Join(',', WinnerForm.Usual.Select(f => f.Name)),
            HelpName = "LIST",
        };
        var head = NumberOption.Maybe("--head", new Bounds<int>(1, 100_000), "A classification head for so many classes in every form, not trained yet. Default: none.", "CLASSES");
        var license = new Option<string>("--license") { Description = "The weights' licence, for the model card.", DefaultValueFactory = _ => CardFacts.NoLicense, HelpName = "TEXT" };
        var (seed, threads, json) = (Options.Seed(), Options.Threads(), Options.Json());
        var command = new Command("emit", "Write winners, or one architecture, as C# classes with weights, ONNX models and model cards, proven equal to their supernet slices.")
        {
            search, checkpoint, architecture, name, @namespace, forms, head, license, data, @out, images, size, seed, threads, json,
        };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            var (folder, names) = (parsed.Required(@out), parsed.GetValue(@namespace)!);
            if (parsed.GetValue(search) is not null) MustBeAbsent(parsed, architecture, images, size, seed);
            else if (parsed.GetValue(checkpoint) is null) throw new UserException("give --search FILE for the winners of a search, or --checkpoint FILE and --arch ARCH for one architecture");
            var (wanted, owner) = (WinnerForm.Parse(parsed.GetValue(forms)!), parsed.GetValue(license)!);
            var classes = parsed.GetValue(head);
            List<EmittedClass> emitted = parsed.GetValue(search) is { } result
                ? new EmitWinners(spaces, result) { Forms = wanted, License = owner, NamePattern = parsed.GetValue(name) ?? WinnerNames.Usual, Head = classes }.Run(folder, names, parsed.GetValue(checkpoint), parsed.GetValue(data))
                : [One(spaces, parsed, checkpoint, architecture, name, names, wanted, classes, owner, data, folder, parsed.GetValue(images), parsed.GetValue(size), parsed.GetValue(seed))];
            if (parsed.GetValue(json)) Output.Json(new() { ["emitted"] = new JsonArray([.. emitted.Select(Facts)]) });
            else
                foreach (var e in emitted) Show(e);
            var failures = emitted.SelectMany(e => e.Forms.Where(f => !f.Holds).Select(f => f.Failure(e.ClassName))).ToList();
            return failures.Count == 0 ? 0 : throw new InvalidOperationException(string.Join("; ", failures));
        });
        return command;
    }

    private static EmittedClass One(
        SpaceCatalogue spaces, ParseResult parsed, Option<string> checkpoint, Option<string> architecture, Option<string> name, string @namespace,
        IReadOnlyList<WinnerForm> forms, int? head, string license, Option<string> data, string folder, int count, int? size, long seed)
    {
        var path = SearchVerb.CheckpointPath(parsed.Required(checkpoint));
        var (options, step) = Checkpoint.Describe(path);
        var space = spaces.Find(options.Space);
        var asked = parsed.GetValue(architecture);
        // What holds one network leaves nothing to choose.
        if (asked is null && options.Method.Architecture is null) throw new UserException($"--arch is missing: {path} holds a supernet; name one of its architectures, or emit the winners of a search with --search FILE");
        var a = options.Method.Choose(space, asked, path);
        var side = space.CheckSize(size ?? options.Size);
        var className = parsed.GetValue(name) ?? DefaultName(space, a);
        EmittedNames.Check(space, className, @namespace);
        using var networks = Checkpoint.LoadNetworks(path, space, CPU);
        var images = ImageSource.Open(parsed.GetValue(data) ?? options.Data);
        MemoryLimit.MustHold(space, [a], Math.Min(count, images.Count), side, "give fewer --images, or a smaller --size");
        RunFolder.Take(folder);
        var (batch, there) = Images.Batch(images, count, side, seed, CPU);
        using var owned = batch;
        TellOfFew(there, "give --data and --images");
        string[] provenance =
        [
            $"{a} of {space.Name}",
            $"space {space.Hash}, checkpoint {Checkpoint.Hash(path)} after {step} steps, data {images.Fingerprint[..16]}, seed {seed}, datassl {SearchVerb.Version}",
            .. options.From is { } from ? new[] { $"{SearchVerb.FromKey} {from}" } : [],
            .. options.Teacher is { } teacher ? new[] { $"{SearchVerb.TeacherKey} {teacher}" } : [],
        ];
        var facts = new CardFacts(Checkpoint.Hash(path), images.Fingerprint[..16], seed, SearchVerb.Version, license, From: options.From?.ToString(), Teacher: options.Teacher?.ToString());
        return new WinnerEmitter(networks.Student, batch).Emit(folder, className, @namespace, a, side, provenance, forms, facts, head is { } classes ? new(classes, seed) : null);
    }

    /// <summary>After the anchor that the architecture is, its index, or neither where it is off the grid.</summary>
    private static string DefaultName(SearchSpace space, Architecture a)
    {
        var named = space.Anchors.Select(x => x.Name).Append("Max").Append("Min").FirstOrDefault(x => space.Parse(x).Equals(a));
        return $"{space.Name}_{named ?? (space.IsOnGrid(a) ? space.IndexOf(a).ToString(CultureInfo.InvariantCulture) : "Custom")}";
    }

    /// <summary>Images too few to say what they are for: a difference that these do not show, others may.</summary>
    public static void TellOfFew(int images, string mend)
    {
        if (images < WinnerEmitter.ProofImages) Output.Progress($"BatchNorm's statistics and the proof rest on {Output.Count(images, "image")} alone; {mend} for {WinnerEmitter.ProofImages} or more");
    }

    private static void MustBeAbsent(ParseResult parsed, params Option[] options)
    {
        foreach (var option in options)
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UserException($"{option.Name} goes with --arch; --search takes it from the search");
    }

    /// <summary>A line for the class and one for each of its forms.</summary>
    private static void Show(EmittedClass e)
    {
        Output.Line($"{e.ClassName}: largest difference to its supernet slice {e.MaxAbsDifference:g3} on {Output.Count(e.Forms[0].Images, "image")}; {e.SourcePath}, {e.WeightsPath}");
        foreach (var form in e.Forms.Where(f => f.Holds))
            Output.Line($"  {form.Form,-10} {form.Bytes,12:N0} bytes  relative difference {form.RelativeDifference,-8:g2} same nearest neighbour {(form.NeighbourAgreement is { } agreement ? FormattableString.Invariant($"{agreement:0.0 %}") : "-"),7}  {Path.GetFileName(form.Path)}");
    }

    private static JsonObject Facts(EmittedClass e) => new()
    {
        ["class"] = e.ClassName,
        ["source"] = e.SourcePath,
        ["weights"] = e.WeightsPath,
        ["maxAbsDifference"] = e.MaxAbsDifference,
        ["card"] = e.CardPath,
        ["forms"] = new JsonArray([.. e.Forms.Select(f => new JsonObject
        {
            ["form"] = f.Form,
            ["file"] = f.Path,
            ["written"] = f.Holds,
            ["bytes"] = f.Bytes,
            ["maxAbsDifference"] = f.MaxAbsDifference,
            ["relativeDifference"] = f.RelativeDifference,
            ["neighbourAgreement"] = f.NeighbourAgreement,
            ["images"] = f.Images,
        })]),
    };
}
