using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.DataChecks;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Curation;

namespace DataSsl.Cli.DataChecks;

/// <summary>The options of <c>data check</c>.</summary>
internal sealed class DataCheckVerbOptions
{
    public readonly Option<string> Data = Options.Data();
    public readonly Option<string> Test = new("--test")
    {
        Description = "Images to test on later: those that --data holds too are told.",
        HelpName = "PATH",
    };
    public readonly TileOptions Tiles = new("each picture is an image");
    public readonly Option<int> MinSide = NumberOption.Of(
        "--min-side", new Bounds<int>(1, 65_536), DataCheck.DefaultMinSide, "Pixels of the short side below which an image is tiny.");
    public readonly Option<string> Keep = new("--keep")
    {
        Description = $"What stays in clean.txt all the same, comma-separated: {string.Join(", ", DataCheckJob.Words)}.",
        HelpName = "LIST",
    };
    private readonly EvaluateVerbOptions shared = new();
    public readonly Option<string> Out = Options.Out();
    public readonly Option<int?> Threads = Options.Threads();
    public readonly Option<bool> Json = Options.Json();

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [Data, Test, .. Tiles.All, MinSide, Keep, .. shared.Networks, .. OfNetwork, Out, Threads, Json];

    /// <summary>What is of use with a network alone.</summary>
    private IEnumerable<Option> OfNetwork => [shared.Calibration, shared.Size, shared.Seed, shared.Device];

    /// <summary>What is asked for.</summary>
    public DataCheckJob Read(SpaceCatalogue spaces, ParseResult parsed) =>
        new(parsed.Required(Data), parsed.GetValue(Test), parsed.GetValue(MinSide), Words(parsed.GetValue(Keep)))
        {
            Tiles = Tiles.Read(parsed),
            Network = Network(spaces, parsed),
        };

    /// <summary>The network that is given; null for none.</summary>
    private CheckNetwork? Network(SpaceCatalogue spaces, ParseResult parsed)
    {
        if (!shared.Networks.Any(parsed.IsGiven))
            return OfNetwork.FirstOrDefault(parsed.IsGiven) is { } stray
                ? throw new UserException($"{stray.Name} goes with a network: --checkpoint, --from, --emitted or --random")
                : null;
        var device = Options.FindDevice(parsed.GetValue(shared.Device)!);
        var network = new CheckNetwork(
            shared.Network(spaces, parsed, parsed.GetValue(shared.Size), device), parsed.GetValue(shared.Calibration), device);
        network.MustShowColours();
        return network;
    }

    /// <summary>Words of <c>--keep</c>, none where nothing is given.</summary>
    /// <exception cref="UserException">One is none of them.</exception>
    private static IReadOnlySet<string> Words(string? text)
    {
        string[] words = text?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        return words.FirstOrDefault(word => !DataCheckJob.Words.Contains(word)) is { } wrong
            ? throw new UserException($"--keep {text}: '{wrong}' is none of {string.Join(", ", DataCheckJob.Words)}")
            : words.ToHashSet();
    }
}
