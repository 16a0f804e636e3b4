namespace DataSsl.Runtime.Data;

/// <summary>Rectangles of other images, such as the boxes that objects are marked with.</summary>
internal sealed class CutImages : ImageSource
{
    private readonly ImageStore images;
    private readonly (int Image, PixelBox Box)[] cuts;

    private CutImages(ImageStore images, (int Image, PixelBox Box)[] cuts, string[] names, int[] labels, IReadOnlyList<string> classNames)
        : base(images.Source.Root, $"{images.Source.Layout}, cut", names, labels, classNames) =>
        (this.images, this.cuts) = (images, cuts);

    /// <param name="images">Whole images.</param>
    /// <param name="cuts">Rectangles within them.</param>
    /// <param name="classNames">Their classes.</param>
    public static CutImages Of(
        ImageStore images, IReadOnlyList<(int Image, PixelBox Box, int Label)> cuts, IReadOnlyList<string> classNames) => new(
        images, [.. cuts.Select(cut => (cut.Image, cut.Box))],
        [.. cuts.Select(cut => FormattableString.Invariant($"{images.NameOf(cut.Image)}#{cut.Box}"))],
        [.. cuts.Select(cut => cut.Label)], classNames);

    public override string PathOf(int index) =>
        FormattableString.Invariant($"{images.PathOf(cuts[index].Image)}#{cuts[index].Box}");

    internal override DecodedImage Decode(int index, ImageReader reader)
    {
        var (image, box) = cuts[index];
        using var whole = images.Get(image);
        var rgb = new byte[3 * box.Width * box.Height];
        whole.Image.CopyTo(box, rgb, box.Width);
        return new(new(box.Width, box.Height, rgb));
    }

    private protected override ImageSource Select(int[] indices) => new CutImages(
        images, Array.ConvertAll(indices, i => cuts[i]), Array.ConvertAll(indices, i => Names[i]),
        Array.ConvertAll(indices, i => Labels![i]), ClassNames);

    internal override string?[] ReadContents()
    {
        var contents = images.Source.ReadContents();
        return Array.ConvertAll(
            cuts, cut => contents[images.Places[cut.Image]] is { } whole ? ContentHash.OfPart(whole, cut.Box) : null);
    }
}
