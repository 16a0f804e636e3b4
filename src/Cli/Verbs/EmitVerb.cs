using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Emitting;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Dense.Training;
using DataSsl.Runtime;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Dense;
using DataSsl.Search.Emit.Forms;

namespace DataSsl.Cli.Verbs;

/// <summary>
/// <c>datassl emit</c>: winners as C# classes with their weights, and in other forms, each proven to be its supernet slice.
/// </summary>
internal static class EmitVerb
{
    private const string DefaultNamespace = "DataSsl.Models";

    public static Command Create(SpaceCatalogue spaces)
    {
        var search = new Option<string>("--search")
        {
            Description = "A search.json, or its folder: emits every winner.",
            HelpName = "FILE",
        };
        var checkpoint = Options.Checkpoint();
        var architecture = Options.Architecture();
        var name = new Option<string>("--name")
        {
            Description =
                $"Class name for --arch; default: the space's name and the architecture's index or anchor. For --search a pattern; default: {WinnerNames.Usual}.",
            HelpName = "CLASS",
        };
        var @namespace = new Option<string>("--namespace")
        {
            Description = "Namespace of the classes.",
            DefaultValueFactory = _ => DefaultNamespace,
            HelpName = "NAME",
        };
        var (data, @out, images, size) = (Options.Data(), Options.Out(), Options.Images(), Options.Size("the training's"));
        var forms = new Option<string>("--forms")
        {
            Description =
                $"What to write, of {string.Join(", ", WinnerForm.All.Select(f => f.Name))}; docs/deploy.md says what each is for.",
            DefaultValueFactory = _ => string.Join(',', WinnerForm.Usual.Select(f => f.Name)),
            HelpName = "LIST",
        };
        var head = NumberOption.Maybe(
            "--head", new Bounds<int>(1, 100_000),
            "A classification head for so many classes in every form, not trained yet. Default: none.", "CLASSES");
        var task = new Option<string>("--task")
        {
            Description =
                $"{string.Join(" or ", DenseTasks.Select(EmitDense.Word))}: --checkpoint is what 'evaluate detect' or 'segment' left, and a detector or segmenter is written, proven on images of --data; its --forms are {string.Join(", ", DenseForm.All.Select(f => f.Name))}, all unless told otherwise.",
            HelpName = "TASK",
        };
        var license = new Option<string>("--license")
        {
            Description = "The weights' licence, for the model card.",
            DefaultValueFactory = _ => CardFacts.NoLicense,
            HelpName = "TEXT",
        };
        var sharedLoader = new Option<bool>("--shared-loader")
        {
            Description = "The code that reads weights once, in a file of its own for all classes of the namespace, or (false) within each "
                + "class, which then stands alone. Default: once with --search.",
            HelpName = "true|false",
        };
        var (seed, threads, json) = (Options.Seed(), Options.Threads(), Options.Json());
        var command = new Command(
            "emit",
            "Write winners, or one architecture, as C# classes with weights, ONNX models and model cards, proven equal to their supernet "
                + "slices.")
        {
            search, checkpoint, task, architecture, name, @namespace, forms, sharedLoader, head, license, data, @out, images, size, seed,
            threads, json,
        };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            var folder = parsed.Required(@out);
            if (parsed.GetValue(task) is { } word)
            {
                MustBeAbsent(parsed, "--task", search, architecture, sharedLoader, head, license);
                return Emit(
                    new(folder, parsed.GetValue(@namespace)!, FormsOf(parsed, forms), parsed.Required(data)), parsed.Required(checkpoint),
                    word, parsed.GetValue(name), IsGiven(parsed, images) ? parsed.GetValue(images) : EmitDense.ProofImages,
                    parsed.GetValue(size), parsed.GetValue(seed), parsed.GetValue(json));
            }
            if (parsed.GetValue(search) is not null) MustBeAbsent(parsed, "--search", architecture, images, size, seed);
            else if (parsed.GetValue(checkpoint) is null)
                throw new UserException(
                    "give --search FILE for the winners of a search, or --checkpoint FILE and --arch ARCH for one architecture");
            var how = new EmitSettings(
                folder, parsed.GetValue(@namespace)!, WinnerForm.Parse(parsed.GetValue(forms)!), parsed.GetValue(license)!,
                parsed.GetValue(head),
                IsGiven(parsed, sharedLoader) ? parsed.GetValue(sharedLoader) : parsed.GetValue(search) is not null,
                parsed.GetValue(data));
            IReadOnlyList<EmittedClass> emitted = parsed.GetValue(search) is { } result
                ? new EmitWinners(spaces, result, how).Run(parsed.GetValue(name) ?? WinnerNames.Usual, parsed.GetValue(checkpoint))
                :
                [
                    new EmitOne(spaces, parsed.Required(checkpoint), how)
                        .Run(
                            parsed.GetValue(architecture), parsed.GetValue(name), parsed.GetValue(images), parsed.GetValue(size),
                            parsed.GetValue(seed)),
                ];
            if (parsed.GetValue(json)) Output.Json(new() { ["emitted"] = new JsonArray([.. emitted.Select(EmitTable.Json)]) });
            else
                foreach (var e in emitted) EmitTable.Print(e);
            var failures = emitted.SelectMany(e => e.Forms.Where(f => !f.Holds).Select(f => f.Failure(e.ClassName))).ToList();
            return failures.Count == 0 ? 0 : throw new InvalidOperationException(string.Join("; ", failures));
        });
        return command;
    }

    private static readonly DenseTask[] DenseTasks = [DenseTask.Detection, DenseTask.Segmentation];

    private static IReadOnlyList<DenseForm> FormsOf(ParseResult parsed, Option<string> forms) =>
        IsGiven(parsed, forms) ? DenseForm.Parse(parsed.GetValue(forms)!) : DenseForm.All;

    private static int Emit(
        EmitDense how, string checkpoint, string task, string? name, int images, int? size, long seed, bool isJson)
    {
        if (!Array.Exists(DenseTasks, t => EmitDense.Word(t) == task))
            throw new UserException($"--task {task}: give {string.Join(" or ", DenseTasks.Select(EmitDense.Word))}");
        var emitted = how.Run(checkpoint, Array.Find(DenseTasks, t => EmitDense.Word(t) == task), name, images, size, seed);
        if (isJson) Output.Json(new() { ["emitted"] = new JsonArray(EmitTable.Json(emitted)) });
        else EmitTable.Print(emitted);
        var failures = emitted.Forms.Where(f => !f.Holds).Select(f => f.Failure(emitted.ClassName)).ToList();
        return failures.Count == 0 ? 0 : throw new InvalidOperationException(string.Join("; ", failures));
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static void MustBeAbsent(ParseResult parsed, string with, params Option[] options)
    {
        foreach (var option in options)
            if (IsGiven(parsed, option))
                throw new UserException(
                    with == "--task"
                        ? $"{option.Name} does not go with --task; what was trained says all of it"
                        : $"{option.Name} goes with --arch; --search takes it from the search");
    }
}
