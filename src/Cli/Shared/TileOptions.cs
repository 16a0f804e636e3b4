using System.CommandLine;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Shared;

/// <summary>How verbs cut large pictures into images.</summary>
/// <param name="otherwise">How where it is not said, in words.</param>
internal sealed class TileOptions(string otherwise)
{
    private readonly Option<int?> side = NumberOption.Maybe(
        "--tiles", TileRule.Sides,
        $"Cut each picture into tiles of so many pixels, each an image of its own; TIFFs of any size are read from disk by rows of tiles. Default: {otherwise}.",
        "PIXELS");

    private readonly Option<TileBackground?> background = WordOption.Maybe<TileBackground>(
        "--tile-background", "With --tiles: skip or keep the tiles that show next to nothing. Default: skip.", "skip|keep");

    public IEnumerable<Option> All => [side, background];

    /// <summary>The rule that is asked for; null where none is.</summary>
    /// <exception cref="UserException">Something is said of the background of no tiles.</exception>
    public TileRule? Read(ParseResult parsed)
    {
        var keeps = parsed.GetValue(background);
        if (parsed.GetValue(side) is { } pixels) return new(pixels, keeps == TileBackground.Keep);
        return keeps is null
            ? null
            : throw new UserException($"{background.Name} goes with {side.Name}; give that as well, or leave it out");
    }
}
