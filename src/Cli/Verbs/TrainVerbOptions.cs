using System.CommandLine;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary>The options of <c>train</c>, and how they become a run's configuration.</summary>
internal sealed class TrainVerbOptions
{
    public readonly Option<string> Space = Options.Space();
    public readonly Option<string> Data = Options.Data();
    public readonly Option<string> Cache = new("--cache")
    {
        Description = "Folder for a file with the decoded images: made once, mapped into memory at every start, for images that memory does not hold.",
        HelpName = "FOLDER",
    };

    public readonly Option<string> Out = Options.Out();
    public readonly Option<int?> Size = Options.Size();
    public readonly Option<int> Batch = new("--batch") { Description = "Images a step.", DefaultValueFactory = _ => 64, HelpName = "N" };
    public readonly Option<int> Epochs = new("--epochs") { Description = "Passes over the images.", DefaultValueFactory = _ => 200, HelpName = "N" };
    public readonly Option<double?> Rate = new("--rate") { Description = "Learning rate at the start of the cosine. Default: 0.03 x batch / 256 (MoCo v2), or four times that for runs under 50,000 steps.", HelpName = "X" };
    public readonly Option<int?> Queue = new("--queue") { Description = "Negatives kept. Default: 65536, or a quarter of the images where they are fewer.", HelpName = "N" };
    public readonly Option<double> TeacherMomentum = new("--teacher-momentum") { Description = "m of the momentum encoder.", DefaultValueFactory = _ => new MoCoOptions().TeacherMomentum, HelpName = "M" };
    public readonly Option<double> Temperature = new("--temperature") { Description = "tau of the contrastive loss.", DefaultValueFactory = _ => 0.2, HelpName = "X" };
    public readonly Option<double> WeightDecay = new("--weight-decay") { Description = "Weight decay.", DefaultValueFactory = _ => 1e-4, HelpName = "X" };
    public readonly Option<int?> Hidden = new("--hidden") { Description = "Hidden units of the projection head. Default: 2048, or the largest embedding where that is less.", HelpName = "N" };
    public readonly Option<SandwichRule> Rule = new("--rule") { Description = "Architectures of a step: Algorithm1 (Max and two random) or Released (Max, Min, one random; three teacher updates).", DefaultValueFactory = _ => SandwichRule.Algorithm1 };
    public readonly Option<int?> NormGroups = new("--norm-groups") { Description = "Groups of the batch with BatchNorm statistics of their own, in the place of MoCo's shuffling over devices. Default: 4, or 1 where that leaves fewer than 8 images each; with several processes one each. 1 with several processes synchronises them, which is slow.", HelpName = "N" };
    public readonly Option<string> Compute = new("--compute") { Description = "Type of the convolutions: auto, float32, bfloat16.", DefaultValueFactory = _ => "auto", HelpName = "TYPE" };
    public readonly Option<long> Seed = Options.Seed();
    public readonly Option<string> Test = new("--test") { Description = "Labelled images for the kNN accuracy, in any layout that --data takes.", HelpName = "PATH" };
    public readonly Option<bool> Resume = new("--resume") { Description = "Continue the run in --out; its configuration is taken from there." };
    public readonly Option<double> SaveEvery = new("--save-every") { Description = "Seconds between checkpoints; 0 saves after every step.", DefaultValueFactory = _ => 60, HelpName = "SECONDS" };
    public readonly Option<double> ReportEvery = new("--report-every") { Description = "Seconds between progress lines.", DefaultValueFactory = _ => 5, HelpName = "SECONDS" };
    public readonly Option<int> EvaluateEvery = new("--evaluate-every") { Description = "Epochs between kNN evaluations of Max, a middle subnet and Min; the best Max is kept in best.safetensors. 0 for none.", DefaultValueFactory = _ => 0, HelpName = "EPOCHS" };
    public readonly Option<int> Keep = new("--keep") { Description = "Checkpoints kept: the newest and those before it.", DefaultValueFactory = _ => 2, HelpName = "N" };
    public readonly Option<string> Device = Options.Device();
    public readonly Option<int?> Threads = Options.Threads();
    public readonly Option<bool> Json = Options.Json();

    public IEnumerable<Option> All => [.. Deciding, Out, Test, Resume, SaveEvery, ReportEvery, EvaluateEvery, Keep, Device, Threads, Json];

    /// <summary>What decides the weights of a new run, and its space and data.</summary>
    public IEnumerable<Option> Deciding => [Space, Data, Cache, Size, Batch, Epochs, Rate, Queue, TeacherMomentum, Temperature, WeightDecay, Hidden, Rule, NormGroups, Compute, Seed];

    /// <summary>A new run from the command line. Makes <paramref name="folder"/>, if there is to be one, once nothing speaks against the run any more.</summary>
    public (SearchSpace Space, TrainOptions Options, ImageStore Images) Fresh(SpaceCatalogue spaces, ParseResult parsed, Device device, string? folder, int processes = 1)
    {
        var space = spaces.Find(parsed.Required(Space));
        if (folder is not null && File.Exists(Path.Combine(folder, CheckpointFolder.NewestFile)))
            throw new UserException($"{folder} holds a run already: continue it with --resume or give another --out");
        var asked = Asked(space, parsed, device, processes).Checked("--");
        BatchDeal.Check(asked.Batch, asked.MoCo.NormGroups, processes);
        var listed = ImageSource.Open(asked.Data);
        if (listed.Count < asked.Batch) throw new UserException($"--batch {asked.Batch}: {asked.Data} holds {listed.Count} images; give {listed.Count} or less");
        if (folder is not null) Output.Folder(folder);
        var images = Images.Load(listed, asked.Size, parsed.GetValue(Cache));
        return (space, Completed(asked, parsed, images), images);
    }

    private static int Groups(int? asked, int batch, int processes)
    {
        if (asked is not { } groups)
        {
            var usual = batch % 4 == 0 && batch >= 32 ? 4 : 1;
            return usual % processes == 0 ? usual : batch % processes == 0 && batch >= 8 * processes ? processes : 1;
        }
        return Options.Positive("--norm-groups", groups) <= batch / 2 && batch % groups == 0
            ? groups : throw new UserException($"--norm-groups {groups} does not deal --batch {batch} into equal groups of 2 or more");
    }

    /// <summary>An old run from its folder; the images must be the same, or the order of the epochs would mean other ones.</summary>
    public (SearchSpace Space, TrainOptions Options, ImageStore Images) Resumed(SpaceCatalogue spaces, ParseResult parsed, string folder)
    {
        var path = Path.Combine(folder, Trainer.OptionsFile);
        if (!File.Exists(path)) throw new UserException($"{folder} holds no run to resume: {Trainer.OptionsFile} is missing");
        var options = TrainOptions.FromJson(path, File.ReadAllText(path));
        var space = spaces.Find(parsed.GetValue(Space) ?? options.Space);
        if (space.Hash != options.SpaceHash)
            throw new UserException($"{path}: the run is of space {options.Space} ({options.SpaceHash}), not of {space.Name} ({space.Hash})");
        options = options with { Data = parsed.GetValue(Data) ?? options.Data };
        Output.Folder(folder);
        var images = Images.Load(ImageSource.Open(options.Data), options.Size, parsed.GetValue(Cache));
        if (images.Source.Fingerprint != options.DataFingerprint)
            throw new UserException($"{images.Source.Root}: not the images that the run began with; give the same --data, or start a new run in another --out");
        return (space, options, images);
    }

    /// <summary>The labelled folder of --test, with the classes of the training images; null where it is not given.</summary>
    public ImageSource? TestFolder(ParseResult parsed, ImageSource training)
    {
        if (parsed.GetValue(Test) is not { } path) return null;
        var test = ImageSource.Open(path);
        if (training.Labels is null) throw new UserException($"--test {path}: needs classes, and {training.Root} has none; give --data images with classes");
        return test.Labels is not null && test.ClassNames.SequenceEqual(training.ClassNames)
            ? test
            : throw new UserException($"--test {path}: its classes are not those of {training.Root}");
    }

    /// <summary>When the run reports, saves and is evaluated.</summary>
    public RunSchedule Schedule(ParseResult parsed)
    {
        var every = parsed.GetValue(EvaluateEvery);
        if (every < 0) throw new UserException($"--evaluate-every {every}: give a number of epochs, or 0 for none");
        return new(Seconds(parsed, ReportEvery), Seconds(parsed, SaveEvery), every);
    }

    /// <summary>A number of seconds, 0 for "after every step".</summary>
    public static TimeSpan Seconds(ParseResult parsed, Option<double> option) => parsed.GetValue(option) is >= 0 and < 1e9 and var seconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new UserException(FormattableString.Invariant($"{option.Name} {parsed.GetValue(option)}: give a number of seconds, 0 or more"));

    /// <summary>What the command line says by itself; the defaults that need the images are not in it yet.</summary>
    private TrainOptions Asked(SearchSpace space, ParseResult parsed, Device device, int processes)
    {
        var batch = parsed.GetValue(Batch);
        return new()
        {
            Space = space.Name,
            SpaceHash = space.Hash,
            Data = parsed.Required(Data),
            DataFingerprint = "",
            Size = space.CheckSize(parsed.GetValue(Size) ?? space.InputSize),
            Batch = batch,
            Epochs = parsed.GetValue(Epochs),
            Rate = parsed.GetValue(Rate) ?? 1,
            Seed = parsed.GetValue(Seed),
            Compute = Cli.Compute.Parse(parsed.GetValue(Compute)!, device),
            MoCo = new(
                Hidden: parsed.GetValue(Hidden) ?? Math.Min(2048, space.Max.EmbeddingChannels),
                QueueLength: parsed.GetValue(Queue) ?? batch,
                Temperature: parsed.GetValue(Temperature),
                TeacherMomentum: parsed.GetValue(TeacherMomentum),
                WeightDecay: parsed.GetValue(WeightDecay),
                Rule: parsed.GetValue(Rule),
                NormGroups: Groups(parsed.GetValue(NormGroups), batch, processes)),
        };
    }

    /// <summary>Adds what depends on the images: their fingerprint, and the defaults that shrink with a small set.</summary>
    private TrainOptions Completed(TrainOptions asked, ParseResult parsed, ImageStore images) => asked with
    {
        DataFingerprint = images.Source.Fingerprint,
        Rate = parsed.GetValue(Rate) ?? (asked.Epochs * (long)(images.Count / asked.Batch) < 50_000 ? 0.12 : 0.03) * asked.Batch / 256,
        MoCo = asked.MoCo with { QueueLength = parsed.GetValue(Queue) ?? Math.Max(1, Math.Min(65536, images.Count / 4) / asked.Batch) * asked.Batch },
    };
}
