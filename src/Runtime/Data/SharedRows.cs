using DataSsl.Runtime.Storage;

namespace DataSsl.Runtime.Data;

/// <summary>
/// Rows of pictures that were just decoded, for the tiles within them: as many as decode at once, within the memory that decoders share.
/// Rows that follow each other are read on from where the ones before ended.
/// </summary>
/// <param name="options">The limits, the format, and how many decode at once.</param>
/// <param name="room">The memory; nobody else takes of it.</param>
internal sealed class SharedRows(ImageStoreOptions options, DecodingRoom room)
{
    private readonly object gate = new();

    // The one that was used longest ago first.
    private readonly List<Entry> entries = [];

    /// <summary>Some rows of a picture, decoded now where nobody has them.</summary>
    /// <param name="picture">Whose.</param>
    /// <param name="top">The first.</param>
    /// <param name="bottom">Behind the last.</param>
    /// <exception cref="UserException">The file is missing, unreadable, damaged or needs more memory than there is.</exception>
    public Lease Take(LargePicture picture, int top, int bottom)
    {
        // What is decoded whole is there for all.
        if (picture.Page is null) (top, bottom) = (0, int.MaxValue);
        var entry = Enter(picture, top, bottom);
        try
        {
            return new(this, entry, entry.Decoded());
        }
        catch
        {
            lock (gate) Drop(entry);
            Leave(entry);
            throw;
        }
    }

    /// <summary>Lets go of what nobody uses.</summary>
    public void Forget()
    {
        lock (gate)
            while (DropIdle()) { }
    }

    private Entry Enter(LargePicture picture, int top, int bottom)
    {
        lock (gate)
            while (true)
            {
                if (entries.Find(one => one.Has(picture, top, bottom)) is { } there) return Used(there);
                if (entries.Find(one => one.IsIdle && one.LeadsTo(picture, top)) is { } before)
                {
                    before.Ask(top, bottom);
                    return Used(before);
                }
                if (entries.Count <= options.Workers && ImageFile.Reading(picture.Path, () => room.TryTake(picture.Need)) is { } place)
                {
                    var made = new Entry(picture, options, place);
                    made.Ask(top, bottom);
                    entries.Add(made);
                    return Used(made);
                }
                if (!DropIdle()) Monitor.Wait(gate);
            }
    }

    private Entry Used(Entry entry)
    {
        entry.Users++;
        entries.Remove(entry);
        entries.Add(entry);
        return entry;
    }

    private bool DropIdle()
    {
        if (entries.Find(one => one.IsIdle) is not { } idle) return false;
        Drop(idle);
        idle.Dispose();
        return true;
    }

    private void Drop(Entry entry) => entries.Remove(entry);

    private void Leave(Entry entry)
    {
        lock (gate)
        {
            if (--entry.Users == 0 && !entries.Contains(entry)) entry.Dispose();
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Rows that are in use.</summary>
    /// <param name="Owner">What they are of.</param>
    /// <param name="Held">Where they are.</param>
    /// <param name="Image">The picture's width of them; of a file that is decoded whole the picture.</param>
    internal readonly record struct Lease(SharedRows Owner, Entry Held, Image Image) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => Owner.Leave(Held);
    }

    /// <summary>A picture that is read, and the rows of it that are there.</summary>
    internal sealed class Entry(LargePicture picture, ImageStoreOptions options, DecodingRoom.Place place) : IDisposable
    {
        private readonly object turn = new();
        private int top, bottom;
        private Image? rows;
        private TiffFile? file;
        private DecodedImage? whole;
        private UserException? failure;

        /// <summary>How many use the rows now; under the gate.</summary>
        public int Users { get; set; }

        public bool IsIdle => Users == 0;

        public bool Has(LargePicture other, int first, int behind) => other.Path == picture.Path && first == top && behind == bottom;

        /// <summary>Whether reading on, or a little back into what is there, gives the rows from another one on.</summary>
        public bool LeadsTo(LargePicture other, int first) => other.Path == picture.Path && first > top && first <= bottom;

        /// <summary>Says which rows are wanted next.</summary>
        public void Ask(int first, int behind) => (top, bottom, rows) = (first, behind, null);

        /// <summary>The rows that were asked for; whoever comes first decodes, and the others wait.</summary>
        /// <exception cref="UserException">They cannot be decoded.</exception>
        public Image Decoded()
        {
            lock (turn)
            {
                if (failure is not null) throw new UserException(failure.Message, failure);
                try
                {
                    return rows ??= Decode();
                }
                catch (UserException e)
                {
                    failure = e;
                    throw;
                }
            }
        }

        public void Dispose()
        {
            file?.Dispose();
            whole?.Dispose();
            place.Dispose();
        }

        private Image Decode()
        {
            var format = options.Format;
            if (picture.Page is not { } page)
                return (whole = ImageFile.Open(picture.Path, 0, options.MaxPixels, format, DecodingRoom.Elsewhere)).Value.Image;
            return ImageFile.Reading(picture.Path, () =>
            {
                file ??= TiffFile.Open(() => RegularFile.OpenStream(picture.Path), page, format, bottom - top);
                return new Image(page.Width, bottom - top, file.Rows(top, bottom)) { Format = format };
            });
        }
    }
}
