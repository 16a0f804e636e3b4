namespace DataSsl.Runtime.Tests.Data.Files;

/// <summary>TIFFs without compression, of one strip or one tile, in either byte order; several pages where there are several.</summary>
internal static class Tiff
{
    /// <summary>A page: its pixels as stored and the fields that differ from those of 8-bit RGB.</summary>
    public sealed record Page(int Width, int Height, byte[] Pixels, params (int Tag, int[] Values)[] Fields);

    public static byte[] Of(bool little, params Page[] pages)
    {
        var file = new ByteWriter(little).Bytes(little ? "II"u8 : "MM"u8).Short(42).Long(8);
        for (var i = 0; i < pages.Length; i++)
        {
            var page = pages[i];
            var fields = new SortedDictionary<int, int[]>
            {
                [256] = [page.Width],
                [257] = [page.Height],
                [258] = [8, 8, 8],
                [259] = [1],
                [262] = [2],
                [277] = [3],
                [278] = [page.Height],
                [279] = [page.Pixels.Length],
            };
            foreach (var (tag, values) in page.Fields) fields[tag] = values;
            var tiled = fields.ContainsKey(322);
            if (tiled) foreach (var tag in new[] { 278, 279 }) fields.Remove(tag);
            if (tiled) fields[325] = [page.Pixels.Length];
            fields[tiled ? 324 : 273] = [0];

            // Longer lists lie behind the directory, then the pixels.
            var lists = file.Length + 2 + 12 * fields.Count + 4;
            var pixels = lists + fields.Values.Where(values => values.Length > 2).Sum(values => 2 * values.Length);
            fields[tiled ? 324 : 273] = [pixels];
            file.Short(fields.Count);
            foreach (var (tag, values) in fields)
            {
                var wide = tag is 273 or 279 or 324 or 325 || values[0] > 0xFFFF;
                file.Short(tag).Short(wide ? 4 : 3).Long(values.Length);
                if (values.Length > 2)
                {
                    file.Long(lists);
                    lists += 2 * values.Length;
                }
                else if (wide) file.Long(values[0]);
                else file.Short(values[0]).Short(values.Length > 1 ? values[1] : 0);
            }
            var next = pixels + page.Pixels.Length;
            file.Long(i + 1 < pages.Length ? next : 0);
            foreach (var values in fields.Values.Where(values => values.Length > 2))
                foreach (var value in values) file.Short(value);
            file.Bytes(page.Pixels);
        }
        return file.ToArray();
    }
}
