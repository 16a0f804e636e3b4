using System.Globalization;
using DataSsl.Runtime.Data;
using static System.Net.WebUtility;

namespace DataSsl.Jobs.Shared;

/// <summary>A picture on the page.</summary>
/// <param name="Store">Where the image is.</param>
/// <param name="Index">Which of it.</param>
/// <param name="Text">What is said of it beside its name.</param>
internal sealed record Picture(ImageStore Store, int Index, string Text)
{
    /// <summary>What is made of it before it is shown; null for nothing.</summary>
    public Func<Image, Image>? Painted { get; init; }
}

/// <summary>Pictures that belong together.</summary>
/// <param name="Title">What they are; empty where the first of them says it.</param>
/// <param name="First">What the others are set against; null for none.</param>
internal sealed record PictureRow(string Title, Picture? First, IReadOnlyList<Picture> Others);

/// <summary>A page of such rows.</summary>
internal static class PictureRows
{
    /// <summary>Short side of a picture in pixels.</summary>
    private const int Canvas = 192;

    private const string Style = """
        section { border-top: 1px solid var(--rule); padding: .9rem 0; } h2 { margin: 0 0 .6rem; font-size: 1rem; }
        .row { display: flex; gap: 1.2rem; align-items: flex-start; } .first { flex: 0 0 11rem; }
        .others { flex: 1; min-width: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 11rem)); gap: .8rem; }
        img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--rule); border-radius: .25rem; }
        figcaption b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
        figcaption { line-height: 1.35; padding-top: .25rem; }
        @media (max-width: 40rem) { .row { flex-direction: column; } .first { flex-basis: auto; width: 11rem; } .others { width: 100%; } }
        """;

    /// <summary>The page as HTML.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="note">What stands below that.</param>
    /// <param name="rows">The pictures.</param>
    public static string Page(string title, string note, IReadOnlyList<PictureRow> rows)
    {
        var page = PicturePage.Begin(title, Style).Append(CultureInfo.InvariantCulture, $"<p>{HtmlEncode(note)}</p>\n");
        // Of long paths the folders that all have tell nothing.
        var common = rows.SelectMany(row => row.Others.Append(row.First)).OfType<Picture>().Select(picture => picture.Store).Distinct()
            .ToDictionary(store => store, store => CommonFolders(store.Source.Names));
        foreach (var row in rows)
        {
            page.Append("<section>");
            if (row.Title.Length > 0) page.Append($"<h2>{HtmlEncode(row.Title)}</h2>");
            page.Append("<div class=\"row\">");
            if (row.First is { } first) page.Append($"<div class=\"first\">{Figure(first)}</div>");
            page.Append("<div class=\"others\">").AppendJoin("", row.Others.Select(Figure)).Append("</div></div></section>\n");
        }
        return PicturePage.End(page);

        string Figure(Picture picture)
        {
            var name = HtmlEncode(picture.Store.NameOf(picture.Index)[common[picture.Store]..]);
            var plain = picture.Store.Picture(picture.Index, Canvas, Images.MaxPixels);
            var image = PicturePage.Address(picture.Painted?.Invoke(plain) ?? plain);
            return $"<figure title=\"{HtmlEncode(picture.Store.PathOf(picture.Index))}\"><img src=\"{image}\" alt=\"{name}\" loading=\"lazy\">"
                + $"<figcaption><b>{HtmlEncode(picture.Text)}</b> {name}</figcaption></figure>";
        }
    }

    /// <summary>How many characters of all names are folders that all share.</summary>
    private static int CommonFolders(IReadOnlyList<string> names)
    {
        var first = names[0];
        var length = names.Aggregate(first.Length, (most, name) => first.AsSpan(0, most).CommonPrefixLength(name));
        return first.AsSpan(0, length).LastIndexOf('/') + 1;
    }
}
