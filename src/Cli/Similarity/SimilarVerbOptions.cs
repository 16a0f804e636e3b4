using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Similarity;
using static TorchSharp.torch;

namespace DataSsl.Cli.Similarity;

/// <summary>The options of <c>embed</c> and of every question of <c>similar</c>.</summary>
internal sealed class SimilarVerbOptions
{
    private readonly EvaluateVerbOptions shared = new();

    public readonly Option<string> Data = Options.Data();
    public readonly Option<string> Out = new("--out")
    {
        Description = "Folder for the page of pictures and the whole answer; made if missing. Default: it is only printed.",
        HelpName = "FOLDER",
    };
    public readonly Option<string> File = new("--out")
    {
        Description = "The file: .npy (float32 [images, channels], with the paths in .paths.txt beside it), .csv or .parquet.",
        HelpName = "FILE",
    };
    private readonly TileOptions tiles = new("with --checkpoint as the training's pictures were, otherwise each picture is an image");

    public readonly Option<int> Show = NumberOption.Of("--show", Options.Count, 20, "Images that are printed and pictured at most.");

    public Option<bool> Json => shared.Json;

    /// <summary>Which network, on which images.</summary>
    public IEnumerable<Option> Asking => [.. shared.Networks, Data, .. tiles.All];

    /// <summary>How, and what to print.</summary>
    public IEnumerable<Option> Running => [shared.Calibration, shared.Size, shared.Seed, shared.Device, shared.Threads, shared.Json];

    /// <summary>What is asked for.</summary>
    public SimilarRequest Read(SpaceCatalogue spaces, ParseResult parsed)
    {
        Options.SetThreads(parsed, shared.Threads);
        var device = Options.FindDevice(parsed.GetValue(shared.Device)!);
        var data = parsed.Required(Data);
        var asked = tiles.Read(parsed);
        var network = shared.Network(spaces, parsed, parsed.GetValue(shared.Size), device);
        return new(network, data, parsed.GetValue(shared.Calibration), parsed.GetValue(Show), parsed.GetValue(shared.Seed), device)
        {
            Tiles = asked ?? network.Tiles,
        };
    }
}
