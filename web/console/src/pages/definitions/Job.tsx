import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Computed, changeJob, jobQuery } from "../../api/jobs.ts";
import { Icon } from "../../icons/Icon.tsx";
import { t } from "../../i18n/t.ts";
import { Card } from "../../parts/Card.tsx";
import { Failure } from "../../parts/Failure.tsx";
import { jobAction, jobTitle, jobWords } from "./job-words.ts";

/** What is still to be computed, what that means, and a button to stop it or let it go on. */
export function JobCard({ kind, id }: { kind: Computed; id: string }) {
  const { data: job } = useQuery(jobQuery(kind, id));
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: (action: "cancel" | "resume") => changeJob(`${kind}-${id}`, action),
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ["job", kind, id] });
      await queryClient.invalidateQueries({ queryKey: ["audience", id] });
      await queryClient.invalidateQueries({ queryKey: ["audiences"] });
    },
  });
  const action = job && jobAction(job);
  if (!job || !action) return null;
  return (
    <Card title={jobTitle(job)}>
      <div className="k-stack">
        <p className="k-small k-wrap" role="status">
          {jobWords(kind, job)}
        </p>
        {change.error && <Failure error={change.error} />}
        <div>
          <Button
            size="xs"
            variant="default"
            loading={change.isPending}
            leftSection={action === "resume" && <Icon name="play" size={14} />}
            onClick={() => change.mutate(action)}
          >
            {t(`jobs.${action}`)}
          </Button>
        </div>
      </div>
    </Card>
  );
}
