using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Emitting;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Emit;
using DataSsl.Search.Emit.Dense;
using DataSsl.Search.Emit.Forms;

namespace DataSsl.Cli.Emitting;

/// <summary>
/// The options of <c>emit</c>, and the emit that they ask for: winners of a search, one architecture, or a dense network.
/// </summary>
internal sealed class EmitVerbOptions
{
    private static readonly DenseTask[] s_tasks = [DenseTask.Detection, DenseTask.Segmentation];

    public readonly Option<int?> Threads = Options.Threads();
    public readonly Option<bool> Json = Options.Json();

    private readonly Option<string> search = new("--search")
    {
        Description = "A search.json, or its folder: emits every winner.",
        HelpName = "FILE",
    };
    private readonly Option<string> checkpoint = Options.Checkpoint();
    private readonly Option<string> task = new("--task")
    {
        Description =
            $"{string.Join(" or ", s_tasks.Select(EmitDense.Word))}: --checkpoint is what 'evaluate detect' or 'segment' left, and a detector or segmenter is written, proven on images of --data; its --forms are {string.Join(", ", DenseForm.All.Select(f => f.Name))}, all unless told otherwise.",
        HelpName = "TASK",
    };
    private readonly Option<string> architecture = Options.Architecture();
    private readonly Option<string> name = new("--name")
    {
        Description =
            $"Class name for --arch; default: the space's name and the architecture's index or anchor. For --search a pattern; default: {WinnerNames.Usual}.",
        HelpName = "CLASS",
    };
    private readonly Option<string> @namespace = new("--namespace")
    {
        Description = "Namespace of the classes.",
        DefaultValueFactory = _ => EmitSettings.DefaultNamespace,
        HelpName = "NAME",
    };
    private readonly Option<string> forms = new("--forms")
    {
        Description = $"What to write, of {string.Join(", ", WinnerForm.All.Select(f => f.Name))}; docs/deploy.md says what each is for.",
        DefaultValueFactory = _ => string.Join(',', WinnerForm.Usual.Select(f => f.Name)),
        HelpName = "LIST",
    };
    private readonly Option<bool> sharedLoader = new("--shared-loader")
    {
        Description = "The code that reads weights once, in a file of its own for all classes of the namespace, or (false) within each "
            + "class, which then stands alone. Default: once with --search.",
        HelpName = "true|false",
    };
    private readonly Option<int?> head = NumberOption.Maybe(
        "--head", new Bounds<int>(1, 100_000),
        "A classification head for so many classes in every form, not trained yet. Default: none.", "CLASSES");
    private readonly Option<string> license = new("--license")
    {
        Description = "The weights' licence, for the model card.",
        DefaultValueFactory = _ => CardFacts.NoLicense,
        HelpName = "TEXT",
    };
    private readonly Option<string> data = Options.Data();
    private readonly Option<string> @out = Options.Out();
    private readonly Option<int> images = Options.Images();
    private readonly Option<int?> size = Options.Size("the training's");
    private readonly Option<long> seed = Options.Seed();

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All =>
    [
        search, checkpoint, task, architecture, name, @namespace, forms, sharedLoader, head, license, data, @out, images, size, seed,
        Threads, Json,
    ];

    /// <summary>Emits what is asked for.</summary>
    public EmitTable Emit(SpaceCatalogue spaces, ParseResult parsed)
    {
        var folder = parsed.Required(@out);
        if (parsed.GetValue(task) is { } word) return Dense(parsed, word, folder);
        var how = new EmitSettings(folder)
        {
            Namespace = parsed.GetValue(@namespace)!,
            Forms = WinnerForm.Parse(parsed.GetValue(forms)!),
            License = parsed.GetValue(license)!,
            Head = parsed.GetValue(head),
            SharesReader = parsed.IsGiven(sharedLoader) ? parsed.GetValue(sharedLoader) : parsed.GetValue(search) is not null,
            Data = parsed.GetValue(data),
        };
        if (parsed.GetValue(search) is { } result)
        {
            MustBeAbsent(parsed, "{0} goes with --arch; --search takes it from the search", architecture, images, size, seed);
            var pattern = parsed.GetValue(name) ?? WinnerNames.Usual;
            return EmitTable.Of(new EmitWinners(spaces, result, how).Run(pattern, parsed.GetValue(checkpoint)));
        }
        if (parsed.GetValue(checkpoint) is not { } run)
            throw new UserException(
                "give --search FILE for the winners of a search, or --checkpoint FILE and --arch ARCH for one architecture");
        if (TaskOf(run) is { } trained)
            throw new UserException($"{run}: what is trained for {EmitDense.Word(trained)} is emitted with --task {EmitDense.Word(trained)}");
        return EmitTable.Of(
            [
                new EmitOne(spaces, run, how)
                    .Run(
                        parsed.GetValue(architecture), parsed.GetValue(name), parsed.GetValue(images), parsed.GetValue(size),
                        parsed.GetValue(seed)),
            ]);
    }

    private EmitTable Dense(ParseResult parsed, string word, string folder)
    {
        MustBeAbsent(
            parsed, "{0} does not go with --task; what was trained says all of it", search, architecture, sharedLoader, head, license);
        var how = new EmitDense(
            folder, parsed.GetValue(@namespace)!,
            parsed.IsGiven(forms) ? DenseForm.Parse(parsed.GetValue(forms)!) : DenseForm.All, parsed.Required(data));
        var path = parsed.Required(checkpoint);
        if (!Array.Exists(s_tasks, t => EmitDense.Word(t) == word))
            throw new UserException($"--task {word}: give {string.Join(" or ", s_tasks.Select(EmitDense.Word))}");
        return EmitTable.Of(
            how.Run(
                path, Array.Find(s_tasks, t => EmitDense.Word(t) == word), parsed.GetValue(name),
                parsed.IsGiven(images) ? parsed.GetValue(images) : EmitDense.ProofImages, parsed.GetValue(size), parsed.GetValue(seed)));
    }

    /// <summary>What the file is trained for, or, in a folder without a run's checkpoint, the file there; null for a run's.</summary>
    private static DenseTask? TaskOf(string run)
    {
        if (File.Exists(CheckpointFolder.FileOf(run)))
            return !Directory.Exists(run) && DenseCheckpoint.IsOne(run) ? DenseCheckpoint.Facts(run).Settings.Task : null;
        return s_tasks.Where(task => File.Exists(Path.Combine(run, DenseCheckpoint.FileOf(task)))).Cast<DenseTask?>().FirstOrDefault();
    }

    /// <param name="why">What to say of the first that is given; <c>{0}</c> stands for its name.</param>
    private static void MustBeAbsent(ParseResult parsed, string why, params Option[] options)
    {
        if (Array.Find(options, parsed.IsGiven) is { } given)
            throw new UserException(why.Replace("{0}", given.Name, StringComparison.Ordinal));
    }
}
