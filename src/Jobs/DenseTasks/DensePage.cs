using System.Globalization;
using System.Text;
using DataSsl.Dense.Data;
using DataSsl.Dense.Metrics;
using DataSsl.Dense.Training;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Data;
using static System.Net.WebUtility;

namespace DataSsl.Jobs.DenseTasks;

/// <summary>One page without other files: scores, and pictures of what was found beside what there is.</summary>
internal sealed class DensePage(DenseRequest request, DenseData data, DenseNetwork network, DenseScores scores)
{
    public const string FileName = "dense-report.html";

    /// <summary>Test images that are shown.</summary>
    private const int Pictures = 20;

    /// <summary>Objects from this score on are drawn where no score is best: of all that are scored most are guesses.</summary>
    private const double Usual = 0.3;

    private const string Style = """
        .scroll { overflow-x: auto; } .scores { display: flex; flex-wrap: wrap; gap: 1rem 3rem; align-items: start; }
        table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid var(--rule); white-space: nowrap; }
        thead th { color: var(--soft); } tbody th { font-weight: 500; }
        i { display: inline-block; width: .9em; height: .9em; margin-right: .4em; border-radius: .2em; vertical-align: -.08em; }
        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 34rem), 1fr)); gap: 1.4rem; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: .4rem; } svg { display: block; width: 100%; height: auto; }
        rect { fill: none; } text { fill: #fff; stroke: #000c; paint-order: stroke; font-family: system-ui, sans-serif; font-weight: 600; }
        """;

    /// <summary>The score from which on objects are drawn.</summary>
    private double From => scores.Best?.Score ?? Usual;

    /// <summary>The page as HTML.</summary>
    public string Render()
    {
        var page = PicturePage.Begin($"{request.Settings.Head.Word()} on {request.Source.Title}", Style)
            .Append(CultureInfo.InvariantCulture, $"""
            <p>{HtmlEncode($"{Wording.Count(data.Test.Count, "test image")} of {data.TestImages.Source.Root} ({data.Split}). Intervals are of 95 %, over the test images.")}</p>
            <div class="scores">
            <div class="scroll"><table><tbody>

            """);
        foreach (var (name, value) in scores.Main)
            page.Append(CultureInfo.InvariantCulture, $"<tr><th>{HtmlEncode(name)}</th><td>{DenseScores.Text(value)}</td></tr>\n");
        page.Append("</tbody></table></div>\n<div class=\"scroll\"><table><thead><tr><th>class</th>")
            .AppendJoin("", scores.Columns.Select(name => $"<th>{HtmlEncode(name)}</th>")).Append("</tr></thead><tbody>\n");
        foreach (var (number, name) in data.Classes.Index())
            page.Append(
                    CultureInfo.InvariantCulture, $"<tr><th><i style=\"background: {Colour(number)}\"></i>{HtmlEncode(name)}</th>")
                .AppendJoin("", scores.ByClass[number].Select(value => $"<td>{DenseScores.Text(value)}</td>")).Append("</tr>\n");
        page.Append("</tbody></table></div>\n</div>\n<h2>What there is, and what was found</h2>\n")
            .Append(
                CultureInfo.InvariantCulture,
                $"<p>Left as marked, right as found{(request.Settings.Task == DenseTask.Segmentation ? "; what is void is as photographed" : FormattableString.Invariant($", from a score of {From:0.00} on{(scores.Best is { } best ? $": there precision and recall at half overlap are best together (F1 {100 * best.F1:0.0} %)" : "")}"))}.</p>\n")
            .Append("<div class=\"pictures\">\n");
        var prediction = new DensePrediction(network, request.Device);
        var count = Math.Min(Pictures, data.Test.Count);
        foreach (var place in Enumerable.Range(0, count).Select(i => (int)((long)i * data.Test.Count / count)))
            page.Append(data.Test is DetectionExamples objects ? Objects(objects, place, prediction)
                : Pixels((SegmentationExamples)data.Test, place, prediction));
        return PicturePage.End(page.Append("</div>\n"));
    }

    private string Objects(DetectionExamples examples, int place, DensePrediction prediction)
    {
        var item = examples.Items[place];
        var (image, truth) = (examples.Set.Image(item), examples.Set.Objects(item));
        var found = prediction.Objects(image).Where(one => one.Score >= From).ToList();
        return Figure(
            $"{examples.Set.NameOf(item)}: {Wording.Count(truth.Count, "object")}, {found.Count} found",
            Picture(
                image, Painted(image, truth.Select(one => (one.Class, one.Mask))),
                truth.Select(one => (one.Class, one.Box, (double?)null))),
            Picture(
                image, Painted(image, found.Select(one => (one.Class, one.Mask))),
                found.Select(one => (one.Class, one.Box, (double?)one.Score))));
    }

    private string Pixels(SegmentationExamples examples, int place, DensePrediction prediction)
    {
        var item = examples.Items[place];
        var image = examples.Set.Image(item);
        var (truth, found) = (examples.Set.Mask(item).Values, prediction.Classes(image));
        var counted = truth.Index().Where(pixel => pixel.Item != examples.Set.Void).ToList();
        var right = counted.Count == 0 ? double.NaN : counted.Count(pixel => found[pixel.Index] == pixel.Item) / (double)counted.Count;
        return Figure(
            string.Create(CultureInfo.InvariantCulture, $"{examples.Set.NameOf(item)}: {100 * right:0.0} % of the pixels are right"),
            Picture(image, Blended(image, i => truth[i] == examples.Set.Void ? null : truth[i]), []),
            Picture(image, Blended(image, i => found[i]), []));
    }

    private static string Figure(string caption, string left, string right) =>
        $"<figure><div class=\"pair\">{left}{right}</div><figcaption>{HtmlEncode(caption)}</figcaption></figure>\n";

    /// <summary>An image with boxes over it, in the image's pixels; of those with a score class and score are written.</summary>
    private string Picture(Image image, Image painted, IEnumerable<(int Class, Box Box, double? Score)> boxes)
    {
        var unit = Math.Max(image.Width, image.Height) / 320.0;
        var svg = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {image.Width} {image.Height}\"><image width=\"{image.Width}\" height=\"{image.Height}\" href=\"{PicturePage.Address(painted)}\"/>");
        foreach (var (number, box, score) in boxes)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{box.Left:0.#}\" y=\"{box.Top:0.#}\" width=\"{box.Width:0.#}\" height=\"{box.Height:0.#}\" stroke=\"{Colour(number)}\" stroke-width=\"{1.5 * unit:0.#}\"/>");
            if (score is { } sure)
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<text x=\"{box.Left + 1.5 * unit:0.#}\" y=\"{box.Top + 9 * unit:0.#}\" font-size=\"{8 * unit:0.#}\" stroke-width=\"{1.5 * unit:0.#}\">{HtmlEncode(data.Classes[number])} {sure:0.00}</text>");
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>The image with masks on it, the first on top; the image itself where there are none.</summary>
    private static Image Painted(Image image, IEnumerable<(int Class, RunMask? Mask)> objects)
    {
        int?[]? classes = null;
        foreach (var (number, mask) in objects.Reverse())
        {
            if (mask is null) continue;
            classes ??= new int?[image.Width * image.Height];
            foreach (var (place, inside) in mask.Pixels().Index())
                if (inside != 0) classes[place] = number;
        }
        return classes is null ? image : Blended(image, i => classes[i]);
    }

    /// <summary>The image with the classes' colours over its pixels.</summary>
    private static Image Blended(Image image, Func<int, int?> classOf)
    {
        var rgb = image.Rgb.ToArray();
        for (var i = 0; i < rgb.Length / 3; i++)
        {
            if (classOf(i) is not { } number) continue;
            var (red, green, blue) = Rgb(number);
            rgb[3 * i] = (byte)((rgb[3 * i] + red) / 2);
            rgb[3 * i + 1] = (byte)((rgb[3 * i + 1] + green) / 2);
            rgb[3 * i + 2] = (byte)((rgb[3 * i + 2] + blue) / 2);
        }
        return image with { Pixels = rgb };
    }

    private static string Colour(int number)
    {
        var (red, green, blue) = Rgb(number);
        return FormattableString.Invariant($"#{red:x2}{green:x2}{blue:x2}");
    }

    /// <summary>Hues a golden angle apart: however many classes there are, neighbours by number look different.</summary>
    private static (byte Red, byte Green, byte Blue) Rgb(int number)
    {
        var hue = (0.58 + number * 0.381966) % 1 * 6;
        var strength = number / 5 % 2 == 0 ? 1 : 0.7;
        return (Channel(Math.Abs(hue - 3) - 1), Channel(2 - Math.Abs(hue - 2)), Channel(2 - Math.Abs(hue - 4)));

        byte Channel(double value) => (byte)(235 * strength * (0.12 + 0.88 * Math.Clamp(value, 0, 1)));
    }
}
