namespace DataSsl.Runtime.Data;

/// <summary>
/// Tiles of large pictures: of each picture on a grid from the top left corner of what a person sees, those of a row of what is stored one
/// after another. TIFFs are read a row of tiles at a time; files of other kinds, and TIFFs of palettes and the like, are decoded whole.
/// </summary>
internal sealed class TiledImages : ImageSource
{
    private readonly TiledPictures pictures;
    private readonly Tile[] tiles;

    private TiledImages(TiledPictures pictures, Tile[] tiles) : base(
        pictures.Files.Root, $"{pictures.Files.Layout}, tiles of {pictures.Rule}",
        Array.ConvertAll(tiles, tile => tile.In(pictures.Files.Names[tile.Picture])),
        pictures.Files.Labels is { } labels ? Array.ConvertAll(tiles, tile => labels[tile.Picture]) : null, pictures.Files.ClassNames) =>
        (this.pictures, this.tiles) = (pictures, tiles);

    /// <summary>Cuts the pictures of some files, all of which are decoded once to tell background.</summary>
    /// <param name="files">The pictures.</param>
    /// <param name="rule">How.</param>
    /// <param name="how">What is read of each, within which limits, on how many threads.</param>
    /// <exception cref="UserException">All tiles are background.</exception>
    public static TiledImages Of(ImageFiles files, TileRule rule, ImageStoreOptions how)
    {
        var pictures = TiledPictures.Look(files, rule, how);
        var all = pictures.Tiles();
        Tile[] shown = rule.KeepsBackground ? all : [.. all.Where(tile => !tile.IsBackground)];
        if (shown.Length == 0)
            throw new UserException(
                $"{files.Root}: {Several(all.Length, "tile")} of {rule.Side} pixels, all of background; give larger --tiles, or --tile-background keep");
        return new(pictures, shown) { Notes = [.. files.Notes, Note(all, rule)] };
    }

    public override string PathOf(int index) => tiles[index].In(pictures.Files.PathOf(tiles[index].Picture));

    internal override DecodedImage Decode(int index, ImageReader reader) => new(pictures.Decode(tiles[index], reader.Rows));

    internal override int RunOf(int index) => tiles[index].Run;

    internal override (long Width, long Height)? SizeOf(int index) => (tiles[index].Upright.Width, tiles[index].Upright.Height);

    internal override int? BitsOf(int index) => pictures.Files.BitsOf(tiles[index].Picture);

    private protected override ImageSource Select(int[] indices) =>
        new TiledImages(pictures, Array.ConvertAll(indices, i => tiles[i])) { Notes = Notes };

    internal override string?[] ReadContents()
    {
        var contents = pictures.Contents.Value;
        return Array.ConvertAll(
            tiles,
            tile => contents[tile.Picture] is not { } whole ? null
                : tile.Problem is not null ? whole
                : ContentHash.OfPart(whole, tile.Upright));
    }

    private static string Note(Tile[] all, TileRule rule)
    {
        var cut = all.Where(tile => tile.Problem is null).ToList();
        var background = cut.Count(tile => tile.IsBackground);
        var pictures = cut.Select(tile => tile.Picture).Distinct().Count();
        return FormattableString.Invariant(
            $"{Several(cut.Count, "tile")} of {Several(pictures, "picture")}, {background:N0} of background {(rule.KeepsBackground ? "kept" : "left out")}");
    }

    private static string Several(int count, string what) => FormattableString.Invariant($"{count:N0} {what}{(count == 1 ? "" : "s")}");
}
