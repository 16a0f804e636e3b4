using System.Globalization;
using System.Text;
using DataSsl.Runtime.Data;
using static System.Net.WebUtility;

namespace DataSsl.Jobs.Shared;

/// <summary>A page of pictures: one HTML file that needs no other, in light and dark.</summary>
internal static class PicturePage
{
    private const string Style = """
        :root { color-scheme: light dark; --page: #fdfdfc; --ink: #1d2329; --soft: #59636e; --rule: #d5dadf; }
        @media screen and (prefers-color-scheme: dark) { :root { --page: #14181c; --ink: #e4e8ec; --soft: #a3adb8; --rule: #343c45; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 80rem; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .6rem; overflow-wrap: anywhere; } h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; }
        p { margin: .5rem 0; color: var(--soft); overflow-wrap: anywhere; }
        figure { margin: 0; min-width: 0; break-inside: avoid; } figcaption { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
        """;

    /// <summary>The page up to its first heading, this included.</summary>
    /// <param name="title">As text.</param>
    /// <param name="style">What belongs to this page alone, as CSS.</param>
    public static StringBuilder Begin(string title, string style) =>
        new StringBuilder().Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{HtmlEncode(title)}</title>
            <link rel="icon" href="data:,">
            <style>{Style}
            {style}</style>
            </head>
            <body>
            <h1>{HtmlEncode(title)}</h1>

            """);

    /// <summary>The whole page.</summary>
    public static string End(StringBuilder page) => page.Append("</body>\n</html>\n").ToString();

    /// <summary>An image as the address of itself.</summary>
    public static string Address(Image image) =>
        $"data:image/jpeg;base64,{Convert.ToBase64String(ImageFile.Encode(Small(image), jpeg: true, quality: 80))}";

    /// <summary>Means of squares of pixels, so that many pictures of any camera make a page that opens.</summary>
    private static Image Small(Image image)
    {
        const int most = 640;
        var factor = (Math.Max(image.Width, image.Height) + most - 1) / most;
        if (factor == 1) return image;
        var from = image.Rgb.Span;
        var (width, height) = (Math.Max(1, image.Width / factor), Math.Max(1, image.Height / factor));
        var rgb = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < 3 * width; x++)
            {
                var (sum, rows, columns) = (0, Math.Min(factor, image.Height), Math.Min(factor, image.Width));
                for (var dy = 0; dy < rows; dy++)
                    for (var dx = 0; dx < columns; dx++)
                        sum += from[3 * ((y * factor + dy) * image.Width + x / 3 * factor + dx) + x % 3];
                rgb[3 * y * width + x] = (byte)(sum / (rows * columns));
            }
        return new(width, height, rgb);
    }
}
