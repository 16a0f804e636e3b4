using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using DataSsl.Search.Teachers;
using DataSsl.Search.Walk;

namespace DataSsl.Jobs.Shared;

/// <summary>
/// Work that this machine cannot hold, refused before it is begun: the system would end the process in the midst of it, or swap for hours.
/// </summary>
internal static class MemoryLimit
{
    /// <summary>Of what the machine or the container has; the rest is others'.</summary>
    private const double Share = 0.8;

    /// <summary>What teachers are shown.</summary>
    private const int Colours = 3;

    /// <summary>Bytes that this program may take.</summary>
    public static long Bytes => (long)(Share * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>Refuses networks that compute more images together than there is memory for.</summary>
    /// <param name="space">The networks'.</param>
    /// <param name="architectures">The networks, one after the other.</param>
    /// <param name="images">Images together.</param>
    /// <param name="size">Their side in pixels.</param>
    /// <param name="mend">What to give instead.</param>
    /// <exception cref="UserException">There is not.</exception>
    public static void MustHold(SearchSpace space, IEnumerable<Architecture> architectures, int images, int size, string mend)
    {
        var memory = new WalkMemory(space, [], size);
        MustHold(
            architectures.Max(a => memory.Forward(a, images)) + Views(images, size, space.InputChannels),
            FormattableString.Invariant($"{Wording.Count(images, "image")} of {size:N0} px together"), mend);
    }

    /// <summary>
    /// Refuses a training of which one step's views, and what the largest network keeps of one group of them for its gradient, are more
    /// than there is memory for.
    /// </summary>
    /// <exception cref="UserException">They are.</exception>
    public static void MustHold(SearchSpace space, TrainOptions options)
    {
        var method = options.Method;
        var largest = method.Views.Views.Where(view => view.Roles.HasFlag(ViewRoles.Student)).Max(view => view.Recipe.Size);
        var kept = new WalkMemory(space, [], largest)
            .Kept(
                method.Only(space) ?? space.Max, options.Batch / method.NormGroups,
                options.Compute == ComputeType.Float32 ? sizeof(float) : sizeof(float) / 2);
        MustHold(
            kept + method.Views.Views.Sum(view => Views(options.Batch, view.Recipe.Size, space.InputChannels)),
            FormattableString.Invariant($"a step of {options.Batch:N0} images of {options.Size:N0} px"),
            "give a smaller --batch or --size, or more --norm-groups");
    }

    /// <summary>
    /// Refuses a foreign teacher that is shown more pixels together than there is memory for. What an ONNX model makes of them is not
    /// known: its images count alone.
    /// </summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="images">Images that are held together; it computes fewer.</param>
    /// <exception cref="UserException">There is not.</exception>
    public static void MustHold(ForeignTeacher teacher, int images)
    {
        var together = Math.Min(images, ForeignTeacher.Batch);
        var computed = teacher is FrozenNetwork { Architecture: var a }
            ? new WalkMemory(a.Space, [], teacher.Size).Forward(a, together)
            : Views(together, teacher.Size, Colours);
        MustHold(
            computed + Views(images, teacher.Size, Colours),
            FormattableString.Invariant($"{Wording.Count(images, "image")} of {teacher.Size:N0} px for the teacher"),
            "give a smaller --teacher-size");
    }

    private static long Views(int images, int size, int channels) => (long)images * channels * sizeof(float) * size * size;

    private static void MustHold(long bytes, string what, string mend)
    {
        if (bytes > Bytes)
            throw new UserException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what} take about {bytes >> 20:N0} MiB, and this machine has {Bytes >> 20:N0} MiB for them; {mend}"));
    }
}
