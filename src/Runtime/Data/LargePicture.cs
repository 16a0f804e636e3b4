namespace DataSsl.Runtime.Data;

/// <summary>A picture that tiles are cut from: a TIFF, which is read by its rows, or a file that is decoded whole.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Width">Columns as they are read.</param>
/// <param name="Height">Rows as they are read.</param>
/// <param name="Page">Of a TIFF that is read by its rows; null for other files, which come upright.</param>
/// <param name="Need">Bytes that reading takes.</param>
internal sealed record LargePicture(string Path, int Width, int Height, TiffPage? Page, double Need)
{
    // A few bytes may stand for very many pixels, all of which are looked at.
    private const long MostPixels = 1L << 34;

    /// <summary>How the rows lie in the picture, as <see cref="Data.Orientation"/> counts.</summary>
    public int Orientation => Page?.Orientation ?? 1;

    /// <summary>Whether its rows are best read in their order, by one reader.</summary>
    /// <param name="side">Rows that are read at once.</param>
    public bool IsOfOnePiece(int side) => Page is null || !Page.IsTiled && Page.Rows > side;

    /// <summary>Reads a file's header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="side">Rows that are read at once of a TIFF.</param>
    /// <param name="format">What a pixel becomes.</param>
    /// <param name="maxPixels">Of the largest picture that is decoded whole, and of the rows that are read at once of a TIFF.</param>
    /// <exception cref="UserException">The file is missing, unreadable, damaged, too large, or of another format or bands.</exception>
    public static LargePicture Of(string path, int side, PixelFormat format, long maxPixels) => ImageFile.Reading(path, file =>
    {
        var bytes = new ImageBytes(file);
        var header = ImageHeader.Read(bytes, MostPixels);
        if (header.Format == ImageFormat.Tiff && new TiffDirectory(bytes) is var directory
            && (format.Bands != 3 || TiffPage.HasColours(directory)))
        {
            var page = TiffPage.Of(directory, bytes.Length, format);
            ImageHeader.Check(page.Width, Math.Min(page.Height, side), maxPixels);
            return new LargePicture(path, page.Width, page.Height, page, page.Need(side, format));
        }
        ImageHeader.Check(header.Width, header.Height, maxPixels);
        return new(path, (int)header.Width, (int)header.Height, null, OpenCv.Need(header, 0, format));
    });
}
