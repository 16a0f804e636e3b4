namespace DataSsl.Runtime.Views;

/// <summary>One tensor of a <see cref="ViewBatch"/>: a view, for one network or, where both see the same images, for both.</summary>
internal readonly record struct ViewPart(int View, ViewRoles Roles)
{
    /// <summary>What a plan needs.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="dealt">Whether the teacher sees other images than the student; its parts come last, so that an image is decoded once for all its views.</param>
    public static ViewPart[] Of(ViewPlan plan, bool dealt)
    {
        var views = Enumerable.Range(0, plan.Views.Count);
        return dealt
            ? [.. For(ViewRoles.Student), .. For(ViewRoles.Teacher)]
            : [.. views.Select(view => new ViewPart(view, plan.Views[view].Roles))];

        IEnumerable<ViewPart> For(ViewRoles role) => views.Where(view => plan.Views[view].Roles.HasFlag(role)).Select(view => new ViewPart(view, role));
    }

    /// <summary>The images that it shows.</summary>
    public int[] Images(int[] students, int[] teachers) => Roles.HasFlag(ViewRoles.Student) ? students : teachers;
}
