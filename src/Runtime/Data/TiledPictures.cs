namespace DataSsl.Runtime.Data;

/// <summary>A tile of a picture; where the picture cannot be read there is one, which says why.</summary>
/// <param name="Picture">Which of the files.</param>
/// <param name="Stored">Where it lies in what is stored.</param>
/// <param name="Upright">Where it lies in what a person sees.</param>
/// <param name="Run">Tiles of the same number, side by side, are of what is decoded together.</param>
/// <param name="IsBackground">Whether it shows next to nothing.</param>
/// <param name="Problem">Why there is no picture; null where there is one.</param>
internal readonly record struct Tile(
    int Picture, PixelBox Stored, PixelBox Upright, int Run, bool IsBackground = false, string? Problem = null)
{
    /// <summary>What it is called within its picture.</summary>
    public string In(string picture) => Problem is null ? $"{picture}#{Upright}" : picture;
}

/// <summary>Pictures that were looked at to cut them into tiles.</summary>
internal sealed class TiledPictures
{
    private readonly LargePicture?[] pictures;
    private readonly UserException?[] problems;

    // By picture and row of tiles what was seen of each tile, from the left.
    private readonly int[][]?[][] ranges;
    private readonly int[][] largest;

    private TiledPictures(ImageFiles files, TileRule rule, int bands)
    {
        (Files, Rule) = (files, rule);
        (pictures, problems, ranges) = (new LargePicture?[files.Count], new UserException?[files.Count], new int[][]?[files.Count][]);
        largest = [.. files.Names.Select(_ => new int[bands])];
        Contents = new(files.ReadContents);
    }

    /// <summary>Their files.</summary>
    public ImageFiles Files { get; }

    /// <summary>How they are cut.</summary>
    public TileRule Rule { get; }

    /// <summary>As <see cref="ImageSource.ReadContents"/> says, of the files: read once, whichever of their tiles are asked for.</summary>
    public Lazy<string?[]> Contents { get; }

    /// <summary>Decodes each picture once, and sees where tiles are and how much they show.</summary>
    public static TiledPictures Look(ImageFiles files, TileRule rule, ImageStoreOptions how)
    {
        var looked = new TiledPictures(files, rule, how.Format.Bands);
        Workers.For(files.Count, how.Workers, picture => looked.Try(picture, () => looked.Open(picture, how)));
        var reader = new ImageReader(how);
        // Rows of a picture are looked at side by side where each can be reached by itself.
        var work = Enumerable.Range(0, files.Count).Where(picture => looked.pictures[picture] is not null)
            .SelectMany(picture => looked.Rows(picture)).ToArray();
        Workers.For(
            work.Length, how.Workers, i => looked.Try(work[i].Picture, () => looked.Look(work[i].Picture, work[i].Rows, reader.Rows)));
        reader.Forget();
        return looked;
    }

    /// <summary>All tiles, in the order in which they are best decoded.</summary>
    public Tile[] Tiles()
    {
        var tiles = new List<Tile>();
        var run = 0;
        for (var i = 0; i < Files.Count; i++)
        {
            if (problems[i] is { } problem)
            {
                tiles.Add(new(i, default, default, ++run, Problem: problem.Message));
                continue;
            }
            var picture = pictures[i]!;
            var (rows, columns) = (Starts(picture, isOfRows: true), Starts(picture, isOfRows: false));
            run++;
            for (var y = 0; y < rows.Length; y++)
            {
                if (y > 0 && !picture.IsOfOnePiece(Rule.Side)) run++;
                for (var x = 0; x < columns.Length; x++)
                {
                    var stored = Box(picture, columns[x], rows[y]);
                    tiles.Add(
                        new(
                            i, stored, Orientation.Upright(stored, picture.Width, picture.Height, picture.Orientation), run,
                            TileSpread.IsBackground(ranges[i][y]![x], largest[i])));
                }
            }
        }
        return [.. tiles];
    }

    /// <summary>A tile, upright.</summary>
    /// <exception cref="UserException">Its picture cannot be read, or no longer.</exception>
    public Image Decode(Tile tile, SharedRows decoded)
    {
        if (tile.Problem is { } problem) throw new UserException(problem);
        var picture = pictures[tile.Picture]!;
        using var rows = decoded.Take(picture, tile.Stored.Top, tile.Stored.Top + tile.Stored.Height);
        var format = rows.Image.Format;
        var pixels = GC.AllocateUninitializedArray<byte>(format.Bytes * tile.Stored.Width * tile.Stored.Height);
        rows.Image.CopyTo(Within(picture, tile.Stored), pixels, tile.Stored.Width);
        return Orientation.Upright(
            new(tile.Stored.Width, tile.Stored.Height, pixels) { Format = format }, picture.Orientation);
    }

    private void Try(int picture, Action look)
    {
        // What is known to be of no use is not looked at further.
        if (Volatile.Read(ref problems[picture]) is not null) return;
        try
        {
            look();
        }
        catch (UserException e)
        {
            Interlocked.CompareExchange(ref problems[picture], e, null);
        }
    }

    private void Open(int picture, ImageStoreOptions how) =>
        pictures[picture] = LargePicture.Of(Files.Paths[picture], Rule.Side, how.Format, how.MaxPixels);

    private IEnumerable<(int Picture, Range Rows)> Rows(int i)
    {
        var picture = pictures[i]!;
        // Where an orientation is followed, the picture may be another way round than its header says.
        ranges[i] = new int[][]?[picture.Page is null ? 0 : Starts(picture, isOfRows: true).Length];
        if (picture.IsOfOnePiece(Rule.Side)) return [(i, ..ranges[i].Length)];
        return Enumerable.Range(0, ranges[i].Length).Select(row => (i, row..(row + 1)));
    }

    private void Look(int i, Range rows, SharedRows decoded)
    {
        var picture = pictures[i]!;
        if (picture.Page is null)
        {
            using var whole = decoded.Take(picture, 0, picture.Height);
            picture = pictures[i] = picture with { Width = whole.Image.Width, Height = whole.Image.Height };
            var tops = Starts(picture, isOfRows: true);
            ranges[i] = [.. tops.Select(top => Seen(picture, top, whole.Image, largest[i]))];
            return;
        }
        var starts = Starts(picture, isOfRows: true);
        for (var row = rows.Start.Value; row < rows.End.Value; row++)
        {
            using var some = decoded.Take(picture, starts[row], starts[row] + Math.Min(Rule.Side, picture.Height));
            var highest = new int[largest[i].Length];
            ranges[i][row] = Seen(picture, starts[row], some.Image, highest);
            lock (largest[i])
                for (var band = 0; band < highest.Length; band++) largest[i][band] = Math.Max(largest[i][band], highest[band]);
        }
    }

    private int[][] Seen(LargePicture picture, int top, Image rows, int[] highest) =>
        [
            .. Starts(picture, isOfRows: false)
                .Select(left => TileSpread.Of(rows, Within(picture, Box(picture, left, top)), highest)),
        ];

    private PixelBox Box(LargePicture picture, int left, int top) =>
        new(left, top, Math.Min(Rule.Side, picture.Width), Math.Min(Rule.Side, picture.Height));

    /// <summary>A tile's place in what <see cref="SharedRows"/> gives for it.</summary>
    private static PixelBox Within(LargePicture picture, PixelBox stored) => picture.Page is null ? stored : stored with { Top = 0 };

    /// <summary>Where rows or columns of tiles begin in what is stored, so that the first is whole in what a person sees.</summary>
    private int[] Starts(LargePicture picture, bool isOfRows)
    {
        var (isTurned, isMirrored, isUpsideDown) = Orientation.Of(picture.Orientation);
        var length = isOfRows ? picture.Height : picture.Width;
        var isBackwards = isOfRows == isTurned ? isMirrored : isUpsideDown;
        var starts = Rule.Starts(length);
        return [.. isBackwards ? starts.Select(start => length - Math.Min(Rule.Side, length) - start).Reverse() : starts];
    }
}
