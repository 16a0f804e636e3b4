using DataSsl.Dense.Data;
using DataSsl.Dense.Tests.Data;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Data.Files;

namespace DataSsl.Dense.Tests.Training;

/// <summary>
/// Pictures of bright squares and dark ones on noise: boxes in Pascal VOC's layout and index masks in CamVid's, of the same.
/// </summary>
internal static class Squares
{
    public const int Side = 64, Void = 11;

    /// <param name="first">Number of the first: others show other squares.</param>
    public static void Write(TemporaryFolder folder, int count, int first = 0)
    {
        var names = Enumerable.Range(first, count).Select(i => $"p{i}").ToList();
        folder.Text("ImageSets/Main/train.txt", string.Concat(names.Select(name => name + "\n")));
        foreach (var (index, name) in names.Index())
        {
            var random = CounterRandom.For(5, "squares", first + index);
            var side = 20 + (int)random.Below(16);
            var (x, y) = ((int)random.Below(Side - side), (int)random.Below(Side - side));
            var isBright = index % 3 != 2;
            var rgb = new byte[3 * Side * Side];
            for (var i = 0; i < rgb.Length; i++)
            {
                var inside = IsInside(i / 3 % Side, i / 3 / Side);
                rgb[i] = (byte)(random.Below(60) + (!inside ? 90 : isBright ? 190 : 0));
            }
            Directory.CreateDirectory(folder["JPEGImages"]);
            Directory.CreateDirectory(folder["train"]);
            ImageFile.Save(folder[$"JPEGImages/{name}.png"], new(Side, Side, rgb));
            ImageFile.Save(folder[$"train/{name}.png"], new(Side, Side, rgb));
            var marked = SmallSets.Object(isBright ? "bright" : "dark", x, y, x + side, y + side);
            folder.Text(
                $"Annotations/{name}.xml",
                $"<annotation><size><width>{Side}</width><height>{Side}</height><depth>3</depth></size>{marked}</annotation>\n");
            // The first row is nothing's.
            folder.Write(
                $"trainannot/{name}.png",
                Png.Of(Side, Side, 8, 0, row => [.. Enumerable.Range(0, Side).Select(column =>
                    (byte)(row == 0 ? Void : !IsInside(column, row) ? 0 : isBright ? 1 : 2))]));

            bool IsInside(int column, int row) => column >= x && column < x + side && row >= y && row < y + side;
        }
    }

    public static DetectionSet Boxes(TemporaryFolder folder) => DetectionSet.Load(folder["ImageSets/Main/train.txt"], SmallSets.Options);

    public static SegmentationSet Masks(TemporaryFolder folder) =>
        SegmentationSet.Load(folder["train"], SmallSets.Options with { Void = Void });
}
