using System.CommandLine;
using System.Globalization;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Evaluation;
using static TorchSharp.torch;

namespace DataSsl.Cli.Evaluation;

/// <summary>The options that every method of <c>evaluate</c> takes.</summary>
internal sealed class EvaluateVerbOptions
{
    public readonly Option<string> Checkpoint = Options.Checkpoint();
    public readonly Option<string> Architecture = Options.Architecture();
    public readonly Option<bool> Random = new("--random")
    {
        Description = "Random weights (of --seed) in the place of a checkpoint's, with --space.",
    };
    public readonly Option<string> From = Options.From(
        "The weights that 'train --from' would start from in the place of a checkpoint's, with --space: --arch tells of which slice. "
            + "Default: of the network itself, as it was given.");
    public readonly Option<string> Space = Options.Space();
    public readonly Option<string> Emitted = new("--emitted")
    {
        Description = "An emitted class: its .cs file, with the weights beside it. Or an ONNX model: its .onnx file.",
        HelpName = "FILE",
    };
    public readonly Option<string> Weights = new("--weights")
    {
        Description = "The emitted class's weights. Default: beside it, .safetensors.",
        HelpName = "FILE",
    };
    public readonly Option<string> Data = new("--data")
    {
        Description = "Labelled images to learn from: one sub-folder a class, a list with classes (CSV: path,label) or CIFAR binary.",
        HelpName = "PATH",
    };
    public readonly Option<string> Test = new("--test")
    {
        Description = "Labelled images to test on, of the same classes. Default: a fifth of each class of --data, by --seed.",
        HelpName = "PATH",
    };
    public readonly Option<string> Labels = LabelsOption();
    public readonly Option<CalibrationDraw> Calibration = CalibrationOption();

    public readonly Option<int?> Size = Options.Size("the training's");
    public readonly Option<string> Out = new("--out")
    {
        Description = $"Folder whose {EvaluationJob.RecordFile} the result is added to. Default: the checkpoint's.",
        HelpName = "FOLDER",
    };
    public readonly Option<long> Seed = Options.Seed();
    public readonly Option<string> Device = Options.Device();
    public readonly Option<int?> Threads = Options.Threads();
    public readonly Option<bool> Json = Options.Json();

    public static Option<string> LabelsOption() =>
        new("--labels")
        {
            Description = "Share of the training images whose labels are used, as many of each class: 1%, 10%.",
            DefaultValueFactory = _ => "100%",
            HelpName = "N%",
        };

    public static Option<CalibrationDraw> CalibrationOption()
    {
        const string name = "--calibration", takes = "a number of images, such as 512, or of batches and images in each, such as 5x1024";
        return new CheckedOption<CalibrationDraw>(name, takes, result =>
        {
            var text = result.Tokens[0].Value;
            if (!CalibrationDraw.TryRead(text, out var draw)) result.AddError($"{name} {text}: give {takes}");
            return draw;
        })
        {
            Arity = ArgumentArity.ExactlyOne,
            Description = $"Training images that BatchNorm's statistics are taken over; labels are not needed. Takes {takes}, the paper's.",
            HelpName = "N",
            DefaultValueFactory = _ => CalibrationDraw.Default,
        };
    }

    /// <summary>Which network.</summary>
    public IEnumerable<Option> Networks => [Checkpoint, Architecture, Random, From, Space, Emitted, Weights];

    /// <summary>Which network, on which images.</summary>
    public IEnumerable<Option> Asking => [.. Networks, Data, Test, Labels];

    /// <summary>How, where and what to print.</summary>
    public IEnumerable<Option> Running => [Calibration, Size, Out, Seed, Device, Threads, Json];

    /// <summary>The one network that is asked for.</summary>
    /// <param name="size">Side of the images in pixels; null for the network's own.</param>
    /// <param name="keptLayers">Hidden layers of a run's head that stay behind it.</param>
    public NetworkSource Network(SpaceCatalogue spaces, ParseResult parsed, int? size, Device device, int keptLayers = 0)
    {
        var (checkpoint, random, from, emitted) = (parsed.GetValue(Checkpoint), parsed.GetValue(Random), parsed.GetValue(From),
            parsed.GetValue(Emitted));
        if ((checkpoint is null ? 0 : 1) + (random ? 1 : 0) + (from is null ? 0 : 1) + (emitted is null ? 0 : 1) != 1)
            throw new UserException(
                "give one network: --checkpoint FILE --arch ARCH, --random --space NAME --arch ARCH, --from WEIGHTS --space NAME, or "
                    + "--emitted FILE");
        if (keptLayers > 0 && checkpoint is null) throw new UserException("--keep-head goes with --checkpoint: other weights have no head");
        var architecture = parsed.GetValue(Architecture);
        MustBeAbsent(parsed, "--random or --from", Space, when: !random && from is null);
        MustBeAbsent(parsed, "--emitted", Weights, when: emitted is null);
        if (from is not null)
            return NetworkSource.Given(spaces.Find(parsed.Required(Space)), from, architecture, size, parsed.GetValue(Seed));
        if (emitted is null)
            return checkpoint is not null
                ? NetworkSource.Subnet(spaces, checkpoint, architecture, size, keptLayers)
                : NetworkSource.Random(spaces.Find(parsed.Required(Space)), architecture ?? "Max", size, parsed.GetValue(Seed));
        MustBeAbsent(parsed, "--checkpoint, --random or --from", Architecture, when: true);
        return NetworkSource.Emitted(emitted, parsed.GetValue(Weights), size, device);
    }

    /// <summary>The share of --labels, or of another option, in (0, 1].</summary>
    public static double Share(string text, string option = "--labels")
    {
        return text.EndsWith('%') && new Bounds<double>(0, 100) { IsAbove = true }.TryRead(text[..^1], out var percent)
            ? percent / 100
            : throw new UserException($"{option} {text}: give a share above 0 % and up to 100 %, such as 1% or 10%");
    }

    private static void MustBeAbsent(ParseResult parsed, string with, Option option, bool when)
    {
        if (when && parsed.IsGiven(option)) throw new UserException($"{option.Name} goes with {with}");
    }
}
