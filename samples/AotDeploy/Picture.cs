using System.Globalization;
using System.Text;

namespace AotDeploy;

/// <summary>Reads binary PPM (P6, 8 bits), which every image tool writes and which needs no decoder.</summary>
internal static class Picture
{
    private static readonly float[] Means = [0.485f, 0.456f, 0.406f], Deviations = [0.229f, 0.224f, 0.225f];

    /// <summary>The middle square at a side in pixels, [3, side, side], channels normalised by ImageNet's means and deviations.</summary>
    /// <exception cref="InvalidDataException">It is none of this format.</exception>
    public static float[] Read(string path, int side)
    {
        var file = File.ReadAllBytes(path);
        var place = 0;
        if (Word() != "P6") throw new InvalidDataException($"{path}: not a binary PPM image");
        var (width, height, most) = (Number(), Number(), Number());
        place++;
        if (most != 255 || width < 1 || height < 1 || (long)width * height * 3 > file.Length - place)
            throw new InvalidDataException($"{path}: not an 8-bit PPM image, or cut short");
        var square = Math.Min(width, height);
        var (left, top, values) = ((width - square) / 2, (height - square) / 2, new float[3 * side * side]);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                // The mean of all pixels that fall into the target's: no less than one of them.
                var (x0, y0) = (left + x * square / side, top + y * square / side);
                var (x1, y1) = (Math.Max(x0 + 1, left + (x + 1) * square / side), Math.Max(y0 + 1, top + (y + 1) * square / side));
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0;
                    for (var v = y0; v < y1; v++)
                        for (var u = x0; u < x1; u++)
                            sum += file[place + (v * width + u) * 3 + c];
                    values[(c * side + y) * side + x] = (sum / (255f * (x1 - x0) * (y1 - y0)) - Means[c]) / Deviations[c];
                }
            }
        }
        return values;

        int Number() =>
            int.TryParse(Word(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 65536 ? number : 0;

        string Word()
        {
            while (place < file.Length && (char.IsWhiteSpace((char)file[place]) || file[place] == '#'))
            {
                if (file[place] == '#') while (place < file.Length && file[place] != '\n') place++;
                else place++;
            }
            var start = place;
            while (place < file.Length && !char.IsWhiteSpace((char)file[place])) place++;
            return Encoding.ASCII.GetString(file, start, place - start);
        }
    }
}
