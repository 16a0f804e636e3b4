namespace DataSsl.Runtime.Data;

/// <summary>Some images of a source, with classes of their own.</summary>
/// <param name="source">Where they are.</param>
/// <param name="places">Which of it, ascending.</param>
/// <param name="labels">The class of each.</param>
/// <param name="classNames">The classes.</param>
internal sealed class ChosenImages(ImageSource source, int[] places, int[] labels, IReadOnlyList<string> classNames) : ImageSource(
    source.Root, $"{source.Layout}, {classNames.Count} classes", Array.ConvertAll(places, place => source.Names[place]), labels, classNames)
{
    public override string PathOf(int index) => source.PathOf(places[index]);

    internal override DecodedImage Decode(int index, ImageReader reader) => source.Decode(places[index], reader);

    internal override int? BitsOf(int index) => source.BitsOf(places[index]);

    internal override (long Width, long Height)? SizeOf(int index) => source.SizeOf(places[index]);

    internal override int RunOf(int index) => source.RunOf(places[index]);

    private protected override ImageSource Select(int[] indices) => new ChosenImages(
        source, Array.ConvertAll(indices, i => places[i]), Array.ConvertAll(indices, i => Labels![i]), ClassNames);

    internal override string?[] ReadContents()
    {
        var contents = source.ReadContents();
        return Array.ConvertAll(places, place => contents[place]);
    }
}
