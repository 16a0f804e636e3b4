using DataSsl.Runtime.Data;

namespace DataSsl.Jobs.Shared;

/// <summary>What becomes of tiles that show next to nothing.</summary>
internal enum TileBackground
{
    /// <summary>They are left out, and counted.</summary>
    Skip,

    /// <summary>They are images like others.</summary>
    Keep,
}

/// <summary>How pictures are cut into images, in words of the command line.</summary>
internal static class TileWords
{
    /// <summary>A rule as words of the command line.</summary>
    public static IEnumerable<string> Words(TileRule? rule) => Values(rule).SelectMany(value => new[] { value.Option, value.Value });

    /// <summary>A rule by its options.</summary>
    public static IEnumerable<(string Option, string Value)> Values(TileRule? rule) => rule is null ? [] :
    [
        ("--tiles", Wording.Number(rule.Side)),
        ("--tile-background", (rule.KeepsBackground ? TileBackground.Keep : TileBackground.Skip).ToString().ToLowerInvariant()),
    ];
}
