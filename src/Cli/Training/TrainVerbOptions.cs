using System.CommandLine;
using System.Text;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Start;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;
using static TorchSharp.torch;

namespace DataSsl.Cli.Training;

/// <summary>The options of <c>train</c>, and how they become a run's configuration.</summary>
internal sealed class TrainVerbOptions
{
    public readonly Option<string> Recipe = RecipeFile.Option();
    public readonly Option<string> Space = Options.Space();
    public readonly Option<string> Data = Options.Data();
    public readonly Option<string> Cache = new("--cache")
    {
        Description = "Folder for a file with the decoded images: made once, mapped into memory at every start, for images that memory "
            + "does not hold.",
        HelpName = "FOLDER",
    };

    public readonly Option<string> Out = Options.Out();
    public readonly Option<int?> Size = Options.Size();
    public readonly Option<int> Batch = NumberOption.Of("--batch", TrainBounds.Batch, 64, "Images a step.");
    public readonly Option<int> Epochs = NumberOption.Of("--epochs", TrainBounds.Epochs, 200, "Passes over the images.");
    public readonly PixelOptions Pixels = new();
    public readonly TileOptions Tiles = new("each picture is an image");
    public readonly MethodOptions Method = new();
    public readonly Option<string> Compute = ComputeOption.Create();
    public readonly Option<long> Seed = Options.Seed();
    public readonly Option<string> Test = new("--test")
    {
        Description = "Labelled images for the kNN accuracy, in any layout that --data takes.",
        HelpName = "PATH",
    };
    public readonly Option<string> From = Options.From();
    public readonly Option<bool> Resume = new("--resume")
    {
        Description = "Continue the run in --out; its configuration is taken from there.",
    };
    public readonly Option<double> SaveEvery = NumberOption.Of(
        "--save-every", Options.Seconds, 60, "Seconds between checkpoints; 0 saves after every step.", "SECONDS");
    public readonly Option<double> ReportEvery = NumberOption.Of(
        "--report-every", Options.Seconds, 5, "Seconds between progress lines.", "SECONDS");
    public readonly Option<int> EvaluateEvery = NumberOption.Of(
        "--evaluate-every", ObjectiveBounds.FirstEpochs, 0,
        "Epochs between kNN evaluations of Max, a middle subnet and Min; the best Max is kept in best.safetensors. 0 for none.", "EPOCHS");
    public readonly Option<bool> OnlineProbe = new("--online-probe") { Description = "Fit a linear probe too at each evaluation." };
    public readonly Option<int> Keep = NumberOption.Of("--keep", Options.Count, 2, "Checkpoints kept: the newest and those before it.");
    public readonly Option<string> Device = Options.Device();
    public readonly Option<int?> Threads = Options.Threads();
    public readonly Option<bool> Json = Options.Json();

    public IEnumerable<Option> All => [.. Deciding, Out, Test, Resume, .. Running, Json];

    /// <summary>How a run goes on, not where to: nothing that its weights depend on, but for the rounding of device and threads.</summary>
    public IEnumerable<Option> Running => [SaveEvery, ReportEvery, EvaluateEvery, OnlineProbe, Keep, Device, Threads];

    /// <summary>What decides the weights of a new run, and its space and data.</summary>
    public IEnumerable<Option> Deciding =>
        [Recipe, Space, Data, Cache, Size, .. Pixels.All, .. Tiles.All, From, Batch, Epochs, .. Method.All, Compute, Seed];

    /// <summary>What decides the weights of many new runs, of one architecture each.</summary>
    public IEnumerable<Option> OfMany => [Recipe, Data, Cache, Size, Batch, Epochs, .. Method.OfOne, Compute, Seed];

    /// <summary>
    /// A new run from the command line. Makes <paramref name="folder"/>, if there is to be one, once nothing speaks against the run any
    /// more.
    /// </summary>
    public (SearchSpace Space, TrainOptions Options, ImageStore Images, FromWeights? From, TeacherSource? Teacher) Fresh(
        SpaceCatalogue spaces, ParseResult parsed, Device device, string? folder, int processes = 1, bool isFirst = true)
    {
        var space = spaces.Find(parsed.Required(Space));
        // Of a run that is going on somebody else would be told to resume it.
        if (folder is not null && isFirst) RunFolder.TakeIfThere(folder);
        MustBeNew(folder);
        var from = parsed.GetValue(From) is { } weights ? FromWeights.Read(weights, space) : null;
        var basis = Basis(space, parsed, device, from?.Origin);
        var teacher = Method.Teacher.Read(parsed, spaces, space, basis.Size, device);
        using var network = teacher?.Network;
        basis = basis with { Teacher = teacher?.Origin };
        // Before anything is read that takes long.
        var listed = ImageSource.Open(parsed.Required(Data));
        var format = Pixels.Format(parsed, space, listed);
        if (basis.Teacher is not null && (format != PixelFormat.Rgb || Pixels.IsOwn(parsed, format)))
            throw new UserException(
                $"--teacher {basis.Teacher.Weights}: is shown red, green and blue by ImageNet's statistics, and this run reads {format}{(format == PixelFormat.Rgb ? " by their own" : "")}; leave it out, or train with --depth 8 --normalise imagenet");
        var tiles = Tiles.Read(parsed);
        // What is wrong with other options is told before every picture is looked at.
        if (tiles is not null) Complete(parsed, basis, Math.Max(listed.Count, basis.Batch), "", processes).Checked("--");
        listed = Images.Cut(listed, tiles, format);
        var asked = Complete(parsed, basis, listed.Count, "", processes).Checked("--");
        asked.Method.CheckViews();
        BatchDeal.Check(asked.Batch, asked.Method.NormGroups, processes);
        asked.Method.Learning?.Check(space, asked.Size);
        if (asked.Method.Learning is { } learning) _ = new HeldOutImages(learning, listed.Count, asked.Batch, asked.Seed);
        if (network is not null) RunTeacher.CheckMaps(asked, network, space);
        if (device.type == TorchSharp.DeviceType.CPU) MemoryLimit.MustHold(space, asked);
        if (device.type == TorchSharp.DeviceType.CPU && network is not null)
            MemoryLimit.MustHold(network, Math.Min(listed.Count, ForeignTeacher.Batch));
        if (listed.Count < asked.Batch)
            throw new UserException($"--batch {asked.Batch}: {asked.Data} holds {listed.Count} images; give {listed.Count} or less");
        if (folder is not null && isFirst) RunFolder.Take(folder);
        // Another run may have come and gone meanwhile.
        MustBeNew(folder);
        if (teacher is not null) RunTeacher.Tell(teacher.Origin);
        var images = Pixels.Load(parsed, format, pixels => Images.Load(listed, asked.Size, pixels, parsed.GetValue(Cache)));
        if (images.Count < asked.Batch)
            throw new UserException(
                $"--batch {asked.Batch}: of {asked.Data} {images.Count} images can be read; give {images.Count} or less");
        var options = Complete(parsed, basis, images.Count, images.Fingerprint, processes) with
        {
            OwnPixels = images.Pixels.IsImageNet ? null : images.Pixels,
            Tiles = tiles,
        };
        return (space, options, images, from,
            Source(asked.Teacher, spaces, space, Trainer.OptionsFile, images, asked.Size, device));
    }

    /// <summary>A new run of one architecture over images that are loaded, with what would speak against it.</summary>
    /// <exception cref="UserException">Something does.</exception>
    public TrainOptions Alone(ParseResult parsed, Architecture architecture, ImageStore images, Device device)
    {
        var space = architecture.Space;
        var options = Complete(
            parsed, Basis(space, parsed, device, from: null) with { Only = architecture }, images.Count, images.Fingerprint, processes: 1)
            .Checked("--");
        options.Method.CheckViews();
        BatchDeal.Check(options.Batch, options.Method.NormGroups, processes: 1);
        if (device.type == TorchSharp.DeviceType.CPU) MemoryLimit.MustHold(space, options);
        return images.Count >= options.Batch
            ? options
            : throw new UserException($"--batch {options.Batch}: {options.Data} holds {images.Count} images; give {images.Count} or less");
    }

    /// <summary>An old run from its folder; the images must be the same, or the order of the epochs would mean other ones.</summary>
    public (SearchSpace Space, TrainOptions Options, ImageStore Images, FromWeights? From, TeacherSource
        ? Teacher) Resumed(SpaceCatalogue spaces, ParseResult parsed, Device device, string folder, bool isFirst = true)
    {
        var path = Path.Combine(folder, Trainer.OptionsFile);
        if (!File.Exists(path)) throw new UserException($"{folder} holds no run to resume: {Trainer.OptionsFile} is missing");
        if (isFirst) RunFolder.Take(folder);
        var options = SealedJson.Read(
            path, "no such file", "a run's configuration", "put it back as it was, or start a new run in another --out", text =>
                TrainOptions.FromJson(path, Encoding.UTF8.GetString(text)));
        var space = spaces.Find(parsed.GetValue(Space) ?? options.Space);
        if (space.Hash != options.SpaceHash)
            throw new UserException(
                $"{path}: the run is of space {options.Space} ({options.SpaceHash}), not of {space.Name} ({space.Hash})");
        if (options.Pixels.Format.Bands != space.InputChannels)
            throw new UserException($"{path}: its pixels are {options.Pixels.Format}, and {space.Name} takes {space.InputChannels} channels");
        options = ResumedRun.Options(this, parsed, spaces, space, options, folder) with
        {
            Data = parsed.GetValue(Data) is { } data ? Images.FullPath(data) : options.Data,
        };
        var isBegun = File.Exists(Path.Combine(folder, CheckpointFolder.NewestFile));
        var from = options.From is { } origin && !isBegun ? FromWeights.Again(origin, space, path) : null;
        if (options.Teacher is { } teacher) RunTeacher.MustBeThere(teacher, path, folder);
        var listed = Images.Cut(ImageSource.Open(options.Data), options.Tiles, options.Pixels.Format);
        var images = Images.Load(listed, options.Size, options.Pixels, parsed.GetValue(Cache));
        if (images.Fingerprint != options.DataFingerprint)
            throw new UserException(
                $"{images.Source.Root}: not the images that the run began with; give the same --data and --max-megapixels, or start a new run in another --out");
        return (space, options, images, from, Source(options.Teacher, spaces, space, path, images, options.Size, device));
    }

    private static TeacherSource? Source(
        TeacherOrigin? teacher, SpaceCatalogue spaces, SearchSpace space, string config, ImageStore images, int size, Device device) =>
        teacher is null ? null : RunTeacher.Source(() => RunTeacher.Again(teacher, spaces, space, config, device), images, size);

    private static void MustBeNew(string? folder)
    {
        if (folder is not null && File.Exists(Path.Combine(folder, CheckpointFolder.NewestFile)))
            throw new UserException($"{folder} holds a run already: 'datassl train --resume' continues it; for another give another --out");
    }

    /// <summary>The labelled folder of --test, with the classes of the training images; null where it is not given.</summary>
    public ImageSource? TestFolder(ParseResult parsed, TrainOptions options, ImageSource training)
    {
        if (parsed.GetValue(Test) is not { } path) return null;
        var test = Images.Cut(ImageSource.Open(path), options.Tiles, options.Pixels.Format);
        if (training.Labels is null)
            throw new UserException($"--test {path}: needs classes, and {training.Root} has none; give --data images with classes");
        if (test.Labels is null || !test.ClassNames.SequenceEqual(training.ClassNames))
            throw new UserException($"--test {path}: its classes are not those of {training.Root}");
        TestOverlap.MustDiffer(test, training, "--data");
        return test;
    }

    /// <summary>When the run reports, saves and is evaluated.</summary>
    public RunSchedule Schedule(ParseResult parsed)
    {
        var every = parsed.GetValue(EvaluateEvery);
        if (every == 0 && parsed.GetValue(OnlineProbe))
            throw new UserException("--online-probe: is fitted when the run is evaluated; give --evaluate-every EPOCHS as well");
        return new(TimeSpan.FromSeconds(parsed.GetValue(ReportEvery)), TimeSpan.FromSeconds(parsed.GetValue(SaveEvery)), every);
    }

    /// <summary>What a new run is told beside how it learns.</summary>
    public RunBasis Basis(SearchSpace space, ParseResult parsed, Device device, GivenOrigin? from) => new(
        // Recorded whole: what comes after may be started from another folder.
        space, parsed.GetValue(Method.Architecture) is { } text ? space.Parse(text) : null, Images.FullPath(parsed.Required(Data)),
        space.CheckSize(parsed.GetValue(Size) ?? space.InputSize), parsed.GetValue(Batch),
        parsed.GetValue(Epochs), parsed.GetValue(Seed),
        ComputeOption.Read(parsed.GetValue(Compute)!, device), from, null);

    /// <summary>A new run's configuration, every default resolved for its number of images.</summary>
    public TrainOptions Complete(ParseResult parsed, RunBasis run, int images, string fingerprint, int processes)
    {
        var (method, rate, finalRate, warmupEpochs) = Method.Read(parsed, run, images, processes);
        return new()
        {
            Space = run.Space.Name,
            SpaceHash = run.Space.Hash,
            Data = run.Data,
            DataFingerprint = fingerprint,
            Size = run.Size,
            Batch = run.Batch,
            Epochs = run.Epochs,
            Rate = rate,
            FinalRate = finalRate,
            WarmupEpochs = warmupEpochs,
            WarmupRate = parsed.GetValue(Method.WarmupRate),
            Seed = run.Seed,
            Compute = run.Compute,
            Method = method,
            From = run.From,
            Teacher = run.Teacher,
        };
    }
}
