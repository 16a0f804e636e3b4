using System.CommandLine;
using System.Text.RegularExpressions;
using DataSsl.Jobs.Searching;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Search.Start;
using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli.Shared;

/// <summary>Options that several verbs share, with one wording.</summary>
internal static partial class Options
{
    public static Option<string> Space() =>
        new("--space") { Description = "Name of a compiled search space; 'datassl space list' shows them.", HelpName = "NAME" };

    public static Option<string[]> SpaceFiles() => new("--space-file")
    {
        Description = "A *.space.yaml file to compile and add to the spaces of this command; may be given more than once.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static Option<int> MaxMegapixels()
    {
        var option = NumberOption.Of(
            "--max-megapixels", new Bounds<int>(1, 700), Jobs.Shared.Images.DefaultMaxMegapixels,
            "Images of more million pixels are left out, before memory is spent on them.");
        option.Recursive = true;
        return option;
    }

    public static Option<string> Data() =>
        new("--data")
        {
            Description = "Images: a folder (flat, or one sub-folder a class), a list file, CIFAR binary, Pascal VOC or COCO; docs/data.md "
                + "says how each is told.",
            HelpName = "PATH",
        };

    public static Option<string> Out() => new("--out") { Description = "Folder for the results; made if missing.", HelpName = "FOLDER" };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object instead of text." };

    public static Option<int?> Size(string whose = "the space's") =>
        NumberOption.Maybe("--size", TrainBounds.Side, $"Side of the square input in pixels. Default: {whose}.", "PIXELS");

    public static Option<long> Seed() =>
        NumberOption.Of("--seed", new Bounds<long>(long.MinValue, long.MaxValue), 0, "Seed of every random draw.");

    public static Option<int?> Threads() => NumberOption.Maybe("--threads", ThreadCount, "CPU threads. Default: all cores.");

    /// <summary>How many of a thing are counted, timed or drawn: more than anybody waits for.</summary>
    public static Bounds<int> Count { get; } = new(1, 1_000_000);

    /// <summary>Images at once in a bench.</summary>
    public static Bounds<int> BenchBatch { get; } = new(1, 65_536);

    /// <summary>Threads of a process.</summary>
    public static Bounds<int> ThreadCount { get; } = new(1, 1024);

    /// <summary>A time in seconds.</summary>
    public static Bounds<double> Seconds { get; } = new(0, 1e8);

    /// <summary>Above nothing.</summary>
    public static Bounds<double> Positive { get; } = new(0, 1e9) { IsAbove = true };

    public static Option<string> Device() =>
        new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto", HelpName = "NAME" };

    public static Option<string> Checkpoint() =>
        new("--checkpoint") { Description = "A run's checkpoint file, or its folder.", HelpName = "FILE" };

    /// <summary>How many of <see cref="Data"/>.</summary>
    public static Option<int> Images() => NumberOption.Of(
        "--images", Count, SearchRequest.DefaultImages, "Images that statistics and scores are taken over.");

    public static Option<string> Architecture() => ArchitectureFile.Take(new("--arch")
    {
        Description = "An architecture: an anchor's name, Max, Min, #index, a text such as 'stem=32 stage1=48x2 …' or a *.txt file with "
            + "one, such as a run leaves that learnt it.",
        HelpName = "ARCH",
    });

    /// <summary>The value of an option that the verb cannot do without.</summary>
    public static T Required<T>(this ParseResult parsed, Option<T> option) where T : class =>
        parsed.GetValue(option) is { } value and not Array { Length: 0 }
            ? value
            : throw new UserException($"{option.Name} is missing: {option.Description}");

    /// <summary>Whether the user gave an option, be it with its default's value.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Sets the number of threads, where it was given.</summary>
    public static void SetThreads(ParseResult parsed, Option<int?> threads)
    {
        if (parsed.GetValue(threads) is { } count) set_num_threads(count);
    }

    /// <summary>The device that a name means; a <see cref="UserException"/> where it is not there.</summary>
    public static Device FindDevice(string name)
    {
        if (name == "auto") return cuda.is_available() ? CUDA : CPU;
        if (name == "cpu") return CPU;
        if (!CudaName().IsMatch(name)) throw new UserException($"--device {name}: give auto, cpu, cuda or cuda:N");
        if (!cuda.is_available())
            throw new UserException(
                $"--device {name}: libtorch {LibtorchInfo.Version} sees no CUDA device; 'datassl doctor' says which libtorch is used");
        var device = torch.device(name);
        return device.index < cuda.device_count()
            ? device
            : throw new UserException($"--device {name}: there are {cuda.device_count()} CUDA devices, counted from 0");
    }

    [GeneratedRegex(@"\Acuda(:[0-9]{1,3})?\z")]
    private static partial Regex CudaName();

    /// <summary>The options of some that were given, with their values.</summary>
    public static IEnumerable<string> Given(ParseResult parsed, params IEnumerable<Option> options) =>
        options.Select(parsed.GetResult).Where(result => result is { Implicit: false })
            .SelectMany(result => result!.Tokens.Select(token => token.Value).Prepend(result.Option.Name));

    /// <summary>Weights that a network starts from.</summary>
    /// <param name="otherwise">What a verb that does not train does with them.</param>
    public static Option<string> From(string? otherwise = null) => new("--from")
    {
        Description = otherwise
            ?? $"Start from given weights: a file (safetensors, .pth, ONNX) with torchvision's, timm's or our names, a run's folder, or {ImageNetResNet18.Name}. Default: random weights.",
        HelpName = "WEIGHTS",
    };
}
