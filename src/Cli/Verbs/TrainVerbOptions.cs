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
    public readonly Option<string> Out = Options.Out();
    public readonly Option<int?> Size = Options.Size();
    public readonly Option<int> Batch = new("--batch") { Description = "Images a step.", DefaultValueFactory = _ => 64, HelpName = "N" };
    public readonly Option<int> Epochs = new("--epochs") { Description = "Passes over the images.", DefaultValueFactory = _ => 200, HelpName = "N" };
    public readonly Option<double?> Rate = new("--rate") { Description = "Learning rate at the start of the cosine. Default: 0.03 x batch / 256 (MoCo v2).", HelpName = "X" };
    public readonly Option<int?> Queue = new("--queue") { Description = "Negatives kept. Default: 65536, or a quarter of the images where they are fewer.", HelpName = "N" };
    public readonly Option<double?> TeacherMomentum = new("--teacher-momentum") { Description = "m of the momentum encoder. Default: 0.999, or 0.99 for runs under 20,000 steps.", HelpName = "M" };
    public readonly Option<double> Temperature = new("--temperature") { Description = "tau of the contrastive loss.", DefaultValueFactory = _ => 0.2, HelpName = "X" };
    public readonly Option<double> WeightDecay = new("--weight-decay") { Description = "Weight decay.", DefaultValueFactory = _ => 1e-4, HelpName = "X" };
    public readonly Option<int?> Hidden = new("--hidden") { Description = "Hidden units of the projection head. Default: 2048, or the largest embedding where that is less.", HelpName = "N" };
    public readonly Option<SandwichRule> Rule = new("--rule") { Description = "Architectures of a step: Algorithm1 (Max and two random) or Released (Max, Min, one random; three teacher updates).", DefaultValueFactory = _ => SandwichRule.Algorithm1 };
    public readonly Option<string> Compute = new("--compute") { Description = "Type of the convolutions: auto, float32, bfloat16.", DefaultValueFactory = _ => "auto", HelpName = "TYPE" };
    public readonly Option<long> Seed = Options.Seed();
    public readonly Option<string> Test = new("--test") { Description = "Labelled folder for the kNN accuracy at the end.", HelpName = "FOLDER" };
    public readonly Option<bool> Resume = new("--resume") { Description = "Continue the run in --out; its configuration is taken from there." };
    public readonly Option<double> SaveEvery = new("--save-every") { Description = "Seconds between checkpoints.", DefaultValueFactory = _ => 60, HelpName = "SECONDS" };
    public readonly Option<double> ReportEvery = new("--report-every") { Description = "Seconds between progress lines.", DefaultValueFactory = _ => 5, HelpName = "SECONDS" };
    public readonly Option<string> Device = Options.Device();
    public readonly Option<int?> Threads = Options.Threads();
    public readonly Option<bool> Json = Options.Json();

    public IEnumerable<Option> All =>
    [
        Space, Data, Out, Size, Batch, Epochs, Rate, Queue, TeacherMomentum, Temperature, WeightDecay, Hidden, Rule, Compute, Seed, Test, Resume, SaveEvery,
        ReportEvery, Device, Threads, Json,
    ];

    /// <summary>A new run from the command line.</summary>
    public (SearchSpace Space, TrainOptions Options, ImageStore Images) Fresh(SpaceCatalogue spaces, ParseResult parsed, Device device, string folder)
    {
        var space = spaces.Find(parsed.Required(Space));
        if (File.Exists(Path.Combine(folder, Trainer.CheckpointFile)))
            throw new UserException($"{folder} holds a run already: continue it with --resume or give another --out");
        var size = space.CheckSize(parsed.GetValue(Size) ?? space.InputSize);
        var batch = Options.Positive("--batch", parsed.GetValue(Batch));
        var epochs = Options.Positive("--epochs", parsed.GetValue(Epochs));
        var images = Images.Load(ImageFolder.Open(parsed.Required(Data)), size);
        var steps = (long)epochs * (images.Count / batch);
        var queue = parsed.GetValue(Queue) ?? Math.Max(1, Math.Min(65536, images.Count / 4) / batch) * batch;
        if (queue <= 0 || queue % batch != 0) throw new UserException($"--queue {queue} is not a multiple of --batch {batch}: give {Math.Max(1, queue / batch) * batch}");
        return (space, new()
        {
            Space = space.Name,
            SpaceHash = space.Hash,
            Data = parsed.Required(Data),
            DataFingerprint = images.Folder.Fingerprint,
            Size = size,
            Batch = batch,
            Epochs = epochs,
            Rate = parsed.GetValue(Rate) ?? 0.03 * batch / 256,
            Seed = parsed.GetValue(Seed),
            Compute = Cli.Compute.Parse(parsed.GetValue(Compute)!, device),
            MoCo = new(
                Hidden: parsed.GetValue(Hidden) ?? Math.Min(2048, space.Max.EmbeddingChannels),
                QueueLength: queue,
                Temperature: parsed.GetValue(Temperature),
                TeacherMomentum: parsed.GetValue(TeacherMomentum) ?? (steps < 20_000 ? 0.99 : 0.999),
                WeightDecay: parsed.GetValue(WeightDecay),
                Rule: parsed.GetValue(Rule)),
        }, images);
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
        var images = Images.Load(ImageFolder.Open(parsed.GetValue(Data) ?? options.Data), options.Size);
        if (images.Folder.Fingerprint != options.DataFingerprint)
            throw new UserException($"{images.Folder.Root}: not the images that the run began with; give the same --data, or start a new run in another --out");
        return (space, options, images);
    }
}
