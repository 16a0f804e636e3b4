using System.Globalization;
using System.Text;

namespace AotDeploy;

/// <summary>Reads binary PPM (P6, 8 bits), which every image tool writes and which needs no decoder.</summary>
internal static class Picture
{
    /// <summary>Red, green and blue of each pixel, row by row: [height, width, 3].</summary>
    /// <exception cref="InvalidDataException">It is none of this format.</exception>
    public static (byte[] Rgb, int Width, int Height) Read(string path)
    {
        var file = File.ReadAllBytes(path);
        var place = 0;
        if (Word() != "P6") throw new InvalidDataException($"{path}: not a binary PPM image");
        var (width, height, most) = (Number(), Number(), Number());
        place++;
        if (most != 255 || width < 1 || height < 1 || 3L * width * height > file.Length - place)
            throw new InvalidDataException($"{path}: not an 8-bit PPM image, or cut short");
        return (file[place..(place + 3 * width * height)], width, height);

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
