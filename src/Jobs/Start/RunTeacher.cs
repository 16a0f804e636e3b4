using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using DataSsl.Search.Start;
using DataSsl.Search.Teachers;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Start;

/// <summary>The foreign teacher of a run.</summary>
internal static class RunTeacher
{
    /// <summary>Reads a teacher, whose weights may be of any space, the student's first.</summary>
    public static TeacherNetwork Open(
        string weights, string? architecture, int? size, TeacherViews views, SpaceCatalogue spaces, SearchSpace space, int viewSize,
        Device device) =>
        TeacherNetwork.Open(weights, architecture, size, views, [space, .. spaces.All.Where(other => other != space)], viewSize, device);

    /// <summary>Says in a line what a teacher is, once nothing speaks against it any more.</summary>
    public static void Tell(TeacherOrigin origin) =>
        Notices.Tell(
            $"--teacher {origin.Weights}: {(origin.Architecture is { } what ? $"{what}, " : "")}embeddings of {origin.Dimension:N0} numbers of images of {origin.Size} px");

    /// <summary>The teacher of a run that is there already, which must be the same still.</summary>
    /// <param name="config">The file that names it.</param>
    public static TeacherNetwork Again(TeacherOrigin origin, SpaceCatalogue spaces, SearchSpace space, string config, Device device)
    {
        MustBe(origin, config);
        var teacher = Open(origin.Weights, origin.NetworkOfRun(), origin.Size, origin.Views, spaces, space, origin.Size, device);
        return teacher.Origin == origin
            ? teacher
            : throw new UserException(
                $"{config}: the run learns from {origin}, and now that is {teacher.Origin}: start a new run in another --out");
    }

    /// <summary>Refuses a teacher that is gone, but for one whose embeddings were kept, or is another than it was.</summary>
    /// <param name="folder">The run's.</param>
    public static void MustBeThere(TeacherOrigin origin, string config, string folder)
    {
        if (origin.Weights == ImageNetResNet18.Name || File.Exists(origin.Weights)) MustBe(origin, config);
        else if (origin.Views == TeacherViews.Same || !File.Exists(Path.Combine(folder, Trainer.TeacherFile)))
            throw new UserException(
                $"{config}: the run learns from {origin.Weights}, which is gone: put it back, or start a new run in another --out");
    }

    private static void MustBe(TeacherOrigin origin, string config)
    {
        var now = GivenNetwork.HashOf(origin.Weights);
        if (now != origin.Hash)
            throw new UserException(
                $"{config}: the run learns from {origin.Weights} as it was when it began ({origin.Hash}), and now it is another ({now}): start a new run in another --out");
    }

    /// <summary>How a run comes by its teacher and by images that are fine enough for it.</summary>
    /// <param name="open">Reads it.</param>
    /// <param name="images">The run's.</param>
    /// <param name="size">Side in pixels that those are kept for.</param>
    public static TeacherSource Source(Func<TeacherNetwork> open, ImageStore images, int size) =>
        new(() => open().Network, asked => asked <= size ? images : Images.Fine(images.Source, asked));

    /// <summary>Whether an architecture that is asked for is a run's teacher.</summary>
    public static bool IsArchitecture(TeacherOrigin teacher, string asked, SpaceCatalogue spaces)
    {
        if (teacher.Architecture?.Split(' ', 2) is not [var name, var own]) return false;
        var space = spaces.Find(name);
        return space.Parse(asked).Equals(space.Parse(own));
    }

    /// <summary>Refuses maps whose relations would say nothing.</summary>
    /// <exception cref="UserException">The teacher gives no map, or a map has one position.</exception>
    public static void CheckMaps(TrainOptions options, ForeignTeacher teacher, SearchSpace space)
    {
        if (options is not { Teacher: { } origin, Method: { Objective: DistillOptions { SpatialWeight: > 0 }, Views: var plan } }) return;
        if (teacher.MapSide == 0)
            throw new UserException(
                $"--spatial-weight: {origin.Weights} gives no map [N, C, H, W] to compare; leave the option out, or export the map as an output too");
        var smallest = plan.Views.Where(view => view.Roles.HasFlag(ViewRoles.Student))
            .Min(view => (view.Recipe.Size + space.Reduction - 1) / space.Reduction);
        if (Math.Min(smallest, teacher.MapSide) < 2)
            throw new UserException(
                $"--spatial-weight: the last map of {(smallest < 2 ? "the student" : "the teacher")} has one position, which has no relations; give a larger --{(smallest < 2 ? "size" : "teacher-size")}");
    }
}
