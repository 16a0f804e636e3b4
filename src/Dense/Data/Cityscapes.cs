namespace DataSsl.Dense.Data;

/// <summary>
/// The 19 classes that Cityscapes is trained and judged on, and their numbers in its files of all 34 (Cordts et al. 2016, and the labels of
/// its scripts).
/// </summary>
internal static class Cityscapes
{
    public const byte Void = 255;

    private static readonly (byte Number, string Name)[] classes =
    [
        (7, "road"), (8, "sidewalk"), (11, "building"), (12, "wall"), (13, "fence"), (17, "pole"), (19, "traffic light"),
        (20, "traffic sign"), (21, "vegetation"), (22, "terrain"),
        (23, "sky"), (24, "person"), (25, "rider"), (26, "car"), (27, "truck"), (28, "bus"), (31, "train"), (32, "motorcycle"),
        (33, "bicycle"),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. classes.Select(item => item.Name)];

    /// <summary>From the files' numbers to those of the classes; all others are void.</summary>
    public static byte[] Numbers { get; } = Table();

    private static byte[] Table()
    {
        var table = new byte[256];
        Array.Fill(table, Void);
        foreach (var (index, item) in classes.Index()) table[item.Number] = (byte)index;
        return table;
    }
}
