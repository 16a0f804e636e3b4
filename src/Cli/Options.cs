using System.CommandLine;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Cli;

/// <summary>Options that several verbs share, with one wording.</summary>
internal static class Options
{
    public static Option<string> Space() => new("--space") { Description = "Name of a compiled search space; 'datassl space list' shows them.", HelpName = "NAME" };

    public static Option<string[]> SpaceFiles() => new("--space-file")
    {
        Description = "A *.space.yaml file to compile and add to the spaces of this command; may be given more than once.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static Option<int> MaxMegapixels() => new("--max-megapixels")
    {
        Description = "Images of more million pixels are left out, before memory is spent on them; 1 to 700.",
        HelpName = "N",
        DefaultValueFactory = _ => Images.DefaultMaxMegapixels,
        Recursive = true,
    };

    public static Option<string> Data() => new("--data") { Description = "Images: a folder (flat, or one sub-folder a class), a list file, CIFAR binary, Pascal VOC or COCO; docs/data.md says how each is told.", HelpName = "PATH" };

    public static Option<string> Out() => new("--out") { Description = "Folder for the results; made if missing.", HelpName = "FOLDER" };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object instead of text." };

    public static Option<int?> Size(string whose = "the space's") => new("--size") { Description = $"Side of the square input in pixels. Default: {whose}.", HelpName = "PIXELS" };

    public static Option<long> Seed() => new("--seed") { Description = "Seed of every random draw.", DefaultValueFactory = _ => 0, HelpName = "N" };

    public static Option<int?> Threads() => new("--threads") { Description = "CPU threads. Default: all cores.", HelpName = "N" };

    public static Option<string> Device() => new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto", HelpName = "NAME" };

    public static Option<string> Architecture() => new("--arch")
    {
        Description = "An architecture: an anchor's name, Max, Min, #index or a text such as 'stem=32 stage1=48x2 …'.",
        HelpName = "ARCH",
    };

    /// <summary>The value of an option that the verb cannot do without.</summary>
    public static T Required<T>(this ParseResult parsed, Option<T> option) where T : class =>
        parsed.GetValue(option) ?? throw new UserException($"{option.Name} is missing: {option.Description}");

    /// <summary>Sets the number of threads, where it was given.</summary>
    public static void SetThreads(ParseResult parsed, Option<int?> threads)
    {
        if (parsed.GetValue(threads) is { } count) set_num_threads(Positive("--threads", count));
    }

    /// <summary>The device that a name means; a <see cref="UserException"/> where it is not there.</summary>
    public static Device FindDevice(string name)
    {
        if (name == "auto") return cuda.is_available() ? CUDA : CPU;
        if (name == "cpu") return CPU;
        if (!name.StartsWith("cuda", StringComparison.Ordinal)) throw new UserException($"--device {name}: give auto, cpu, cuda or cuda:N");
        if (!cuda.is_available()) throw new UserException($"--device {name}: libtorch {LibtorchInfo.Version} sees no CUDA device; 'datassl doctor' says which libtorch is used");
        return torch.device(name);
    }

    public static int Positive(string option, int value) => value > 0 ? value : throw new UserException($"{option} must be at least 1, not {value}");

    /// <summary>The value of an option that takes a number above one bound, or from another on.</summary>
    public static double Number(ParseResult parsed, Option<double> option, double above = double.NegativeInfinity, double from = double.NegativeInfinity) =>
        Number(option.Name, parsed.GetValue(option), above, from);

    public static double Number(string option, double value, double above = double.NegativeInfinity, double from = double.NegativeInfinity) =>
        double.IsFinite(value) && value > above && value >= from
            ? value
            : throw new UserException(FormattableString.Invariant($"{option} must be a number {(from > above ? $"from {from} on" : $"above {above}")}, not {value}"));
}
