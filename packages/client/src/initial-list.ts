import type { KubernetesObject } from '@weir/api'
import type { Cache } from './cache.ts'
import { badAnswer } from './lines.ts'
import type { ChangeEvent } from './watch.ts'

/** A list that a watch begins with (Kubernetes WatchList, KEP-3157). */
export interface StreamedList<T extends KubernetesObject> {
  /** Takes the next event of the watch. After the 'Last' one the cache shows all there is. @throws CLIENT_BAD_ANSWER */
  take(event: ChangeEvent<T>): 'More' | 'Last'
}

const endMark = 'k8s.io/initial-events-end'

/** A list that has not begun: an ADDED for each object there is, then a bookmark that says so. */
export function beginStreamedList<T extends KubernetesObject>(cache: Cache<T>): StreamedList<T> {
  const number = cache.beginList()
  const objects: T[] = []
  return {
    take({ type, object }) {
      if (type === 'ADDED') {
        objects.push(object)
        return 'More'
      }
      if (type !== 'BOOKMARK') throw badAnswer(`A watch event ${type} came before the end of the list`)
      if (object.metadata.annotations?.[endMark] !== 'true') return 'More'
      cache.replace(objects, object.metadata.resourceVersion ?? '', number)
      return 'Last'
    },
  }
}
